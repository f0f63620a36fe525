using System.Globalization;
using System.Net;
using System.Text;
using Tarn.Clients.Harness;

namespace Tarn.Clients;

/// <summary>s3cmd: sends <c>Expect: 100-continue</c>, splits large files, keeps file attributes as metadata.</summary>
public sealed class S3cmdTests(ClientServers servers)
{
    [Fact]
    public async Task Files_of_all_sizes_come_back_the_same()
    {
        using var s3 = await OpenAsync();
        foreach (var size in (int[])[0, 1, 100_000, 100 * Content.MiB])
        {
            var file = s3.Write("file", Content.Of(size, size));
            await RunAsync(s3, "put", "--multipart-chunk-size-mb=15", file, $"s3://{s3.Bucket}/dir/file");
            await RunAsync(s3, "get", "--force", $"s3://{s3.Bucket}/dir/file", "back");
            Content.AssertSame(file, Path.Combine(s3.Home, "back"));
            var info = await RunAsync(s3, "info", $"s3://{s3.Bucket}/dir/file");
            Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"File size: {size}"), info.StandardOutput, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Sync_there_and_back_then_delete()
    {
        using var s3 = await OpenAsync();
        var tree = Path.Combine(s3.Home, "tree");
        Content.WriteTree(tree);
        await RunAsync(s3, "sync", tree + "/", $"s3://{s3.Bucket}/t/");
        var again = await RunAsync(s3, "sync", tree + "/", $"s3://{s3.Bucket}/t/");
        Assert.DoesNotContain("upload:", again.StandardOutput, StringComparison.Ordinal);
        Directory.CreateDirectory(Path.Combine(s3.Home, "back"));
        await RunAsync(s3, "sync", $"s3://{s3.Bucket}/t/", Path.Combine(s3.Home, "back") + "/");
        Assert.Equal(Content.Tree(tree), Content.Tree(Path.Combine(s3.Home, "back")));
        await RunAsync(s3, "del", "--recursive", "--force", $"s3://{s3.Bucket}/");
        Assert.Empty(await s3.Raw.ListAsync(s3.Bucket));
        await RunAsync(s3, "rb", $"s3://{s3.Bucket}");
    }

    [Fact]
    public async Task Copy_move_list_and_metadata()
    {
        using var s3 = await OpenAsync();
        var file = s3.Write("file", Content.Of(5000, 3));
        await RunAsync(s3, "put", "--add-header=x-amz-meta-note:b c", "--mime-type=x/y", file, $"s3://{s3.Bucket}/a b+c%25&é😀");
        await RunAsync(s3, "cp", $"s3://{s3.Bucket}/a b+c%25&é😀", $"s3://{s3.Bucket}/copy é");
        await RunAsync(s3, "mv", $"s3://{s3.Bucket}/copy é", $"s3://{s3.Bucket}/moved/é");
        var keys = (await s3.Raw.ListAsync(s3.Bucket)).Select(entry => entry.Key);
        Assert.Equal(["a b+c%25&é😀", "moved/é"], keys);
        var info = (await RunAsync(s3, "info", $"s3://{s3.Bucket}/moved/é")).StandardOutput;
        Assert.Contains("x-amz-meta-note: b c", info, StringComparison.Ordinal);
        Assert.Contains("x/y", info, StringComparison.Ordinal);
        var listed = await RunAsync(s3, "ls", $"s3://{s3.Bucket}/");
        Assert.Contains($"DIR  s3://{s3.Bucket}/moved/", listed.StandardOutput, StringComparison.Ordinal);
        Assert.Contains($"s3://{s3.Bucket}/a b+c%25&é😀", listed.StandardOutput, StringComparison.Ordinal);
        var usage = await RunAsync(s3, "du", $"s3://{s3.Bucket}/");
        Assert.Contains("10000", usage.StandardOutput, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Multipart_uploads_are_listed_and_aborted()
    {
        using var s3 = await OpenAsync();
        var created = await s3.Raw.SendAsync(HttpMethod.Post, s3.Bucket, "left over", new Dictionary<string, string> { ["uploads"] = "" });
        var upload = created.Expect().Xml.Elements().Single(child => child.Name.LocalName == "UploadId").Value;
        Assert.Contains(upload, (await RunAsync(s3, "multipart", $"s3://{s3.Bucket}")).StandardOutput, StringComparison.Ordinal);
        await RunAsync(s3, "abortmp", $"s3://{s3.Bucket}/left over", upload);
        Assert.DoesNotContain(upload, (await RunAsync(s3, "multipart", $"s3://{s3.Bucket}")).StandardOutput, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Objects_are_made_public_and_private_again()
    {
        using var s3 = await OpenAsync();
        using var anyone = new HttpClient();
        var address = new Uri($"{s3.Endpoint.Address}/{s3.Bucket}/k");
        const string writers = "<OwnershipControls><Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule></OwnershipControls>";
        (await s3.Raw.SendAsync(HttpMethod.Put, s3.Bucket, query: new Dictionary<string, string> { ["ownershipControls"] = "" }, body: Encoding.UTF8.GetBytes(writers))).Expect();
        await s3.Raw.PutAsync(s3.Bucket, "k", "x"u8.ToArray());
        await RunAsync(s3, "setacl", "--acl-public", $"s3://{s3.Bucket}/k");
        Assert.Equal("x", await anyone.GetStringAsync(address));
        Assert.Contains("*anon*: READ", (await RunAsync(s3, "info", $"s3://{s3.Bucket}/k")).StandardOutput, StringComparison.Ordinal);
        await RunAsync(s3, "setacl", "--acl-private", $"s3://{s3.Bucket}/k");
        Assert.Equal(HttpStatusCode.Forbidden, (await anyone.GetAsync(address)).StatusCode);
    }

    private async Task<ClientSession> OpenAsync()
    {
        _ = S3cmdProgram.Name;
        var s3 = await ClientSession.OpenAsync(servers, "s3cmd");
        await S3cmdProgram.ConfigureAsync(s3);
        await RunAsync(s3, "mb", $"s3://{s3.Bucket}");
        return s3;
    }

    private static Task<ProgramResult> RunAsync(ClientSession s3, params string[] arguments) => S3cmdProgram.RunAsync(s3, arguments);
}
