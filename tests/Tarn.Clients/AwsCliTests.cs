using System.Net;
using System.Text.Json;
using Tarn.Clients.Harness;
using Tarn.TestKit.Programs;

namespace Tarn.Clients;

/// <summary>The aws command line, Debian's and a newer one where there is one: its file commands and its low-level commands.</summary>
public sealed class AwsCliTests(ClientServers servers)
{
    private string _program = "";

    public static TheoryData<string> Programs => [.. InstalledPrograms.All("aws")];

    public static TheoryData<string, string> Schemes => ScriptCases.With(["http", "https"], [.. InstalledPrograms.All("aws")]);

    [Theory]
    [MemberData(nameof(Schemes))]
    public async Task Files_of_all_sizes_come_back_the_same(string scheme, string program)
    {
        using var aws = await OpenAsync(program, scheme);
        foreach (var size in (int[])[0, 1, 100_000, 100 * Content.MiB])
        {
            var file = aws.Write("file", Content.Of(size, size));
            await S3Async(aws, "cp", file, $"s3://{aws.Bucket}/dir/file");
            await S3Async(aws, "cp", $"s3://{aws.Bucket}/dir/file", Path.Combine(aws.Home, "back"));
            Content.AssertSame(file, Path.Combine(aws.Home, "back"));
        }
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task Sync_there_and_back_then_remove(string program)
    {
        using var aws = await OpenAsync(program);
        var tree = Path.Combine(aws.Home, "tree");
        Content.WriteTree(tree);
        await S3Async(aws, "sync", tree, $"s3://{aws.Bucket}/t");
        Assert.Equal("", (await S3Async(aws, "sync", tree, $"s3://{aws.Bucket}/t")).StandardOutput);
        await S3Async(aws, "sync", $"s3://{aws.Bucket}/t", Path.Combine(aws.Home, "back"));
        Assert.Equal(Content.Tree(tree), Content.Tree(Path.Combine(aws.Home, "back")));

        await S3Async(aws, "sync", $"s3://{aws.Bucket}/t", $"s3://{aws.Bucket}/u");
        File.Delete(Path.Combine(tree, "small.txt"));
        await S3Async(aws, "sync", "--delete", tree, $"s3://{aws.Bucket}/t");
        var left = await aws.Raw.ListAsync(aws.Bucket, "t/");
        Assert.DoesNotContain("t/small.txt", left.Select(entry => entry.Key));
        Assert.Equal(left.Count + 1, (await aws.Raw.ListAsync(aws.Bucket, "u/")).Count);

        await S3Async(aws, "rm", "--recursive", $"s3://{aws.Bucket}/");
        Assert.Empty(await aws.Raw.ListAsync(aws.Bucket));
        await S3Async(aws, "rb", $"s3://{aws.Bucket}");
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task Move_list_and_presign(string program)
    {
        using var aws = await OpenAsync(program);
        var file = aws.Write("file", Content.Of(5000, 1));
        await S3Async(aws, "cp", file, $"s3://{aws.Bucket}/a b+c/é");
        await S3Async(aws, "mv", $"s3://{aws.Bucket}/a b+c/é", $"s3://{aws.Bucket}/moved to/😀");
        var listed = await S3Async(aws, "ls", "--recursive", $"s3://{aws.Bucket}/");
        Assert.EndsWith("5000 moved to/😀", Assert.Single(listed.Lines), StringComparison.Ordinal);
        Assert.Contains("PRE moved to/", (await S3Async(aws, "ls", $"s3://{aws.Bucket}")).StandardOutput, StringComparison.Ordinal);

        var url = (await S3Async(aws, "presign", $"s3://{aws.Bucket}/moved to/😀")).StandardOutput.Trim();
        await aws.RunAsync(InstalledPrograms.Need("curl"), "--fail", "--silent", "--show-error", "-o", "back", url);
        Content.AssertSame(file, Path.Combine(aws.Home, "back"));
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task Streams_through_standard_output(string program)
    {
        using var aws = await OpenAsync(program);
        await aws.Raw.PutAsync(aws.Bucket, "text", "as a stream"u8.ToArray());
        Assert.Equal("as a stream", (await S3Async(aws, "cp", $"s3://{aws.Bucket}/text", "-")).StandardOutput);
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task Single_calls(string program)
    {
        using var aws = await OpenAsync(program);
        var file = aws.Write("file", Content.Of(1000, 2));
        var put = await ApiAsync(aws, "put-object", "--key", "k é", "--body", file, "--metadata", "a=b,c=d", "--content-type", "x/y");
        var head = await ApiAsync(aws, "head-object", "--key", "k é");
        Assert.Equal(put.GetProperty("ETag").GetString(), head.GetProperty("ETag").GetString());
        Assert.Equal("b", head.GetProperty("Metadata").GetProperty("a").GetString());
        Assert.Equal("x/y", head.GetProperty("ContentType").GetString());

        var part = await ApiAsync(aws, "get-object", "--key", "k é", "--range", "bytes=10-19", "part");
        Assert.Equal(10, part.GetProperty("ContentLength").GetInt32());
        Assert.Equal(Content.Of(1000, 2)[10..20], await File.ReadAllBytesAsync(Path.Combine(aws.Home, "part")));

        await ApiAsync(aws, "copy-object", "--key", "copy", "--copy-source", $"{aws.Bucket}/k é");
        var listed = await ApiAsync(aws, "list-objects-v2", "--page-size", "1");
        Assert.Equal(["copy", "k é"], listed.GetProperty("Contents").EnumerateArray().Select(entry => entry.GetProperty("Key").GetString()!));
        await ApiAsync(aws, "delete-objects", "--delete", "Objects=[{Key=copy},{Key=k é}]");
        Assert.Empty(await aws.Raw.ListAsync(aws.Bucket));
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task Tags(string program)
    {
        using var aws = await OpenAsync(program);
        await aws.Raw.PutAsync(aws.Bucket, "k", "x"u8.ToArray());
        await ApiAsync(aws, "put-object-tagging", "--key", "k", "--tagging", "TagSet=[{Key=t,Value=v}]");
        var tags = await ApiAsync(aws, "get-object-tagging", "--key", "k");
        Assert.Equal("v", tags.GetProperty("TagSet")[0].GetProperty("Value").GetString());
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task Versioning(string program)
    {
        using var aws = await OpenAsync(program);
        await ApiAsync(aws, "put-bucket-versioning", "--versioning-configuration", "Status=Enabled");
        Assert.Equal("Enabled", (await ApiAsync(aws, "get-bucket-versioning")).GetProperty("Status").GetString());
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task Lifecycle(string program)
    {
        using var aws = await OpenAsync(program);
        const string rules = """{"Rules":[{"ID":"logs","Status":"Enabled","Filter":{"Prefix":"logs/"},"Expiration":{"Days":30}}]}""";
        await ApiAsync(aws, "put-bucket-lifecycle-configuration", "--lifecycle-configuration", rules);
        var rule = (await ApiAsync(aws, "get-bucket-lifecycle-configuration")).GetProperty("Rules")[0];
        Assert.Equal(30, rule.GetProperty("Expiration").GetProperty("Days").GetInt32());
        await aws.Raw.PutAsync(aws.Bucket, "logs/k", "x"u8.ToArray());
        string expires = (await ApiAsync(aws, "head-object", "--key", "logs/k")).GetProperty("Expiration").GetString()!;
        Assert.Contains("rule-id=\"logs\"", expires, StringComparison.Ordinal);
        await ApiAsync(aws, "delete-bucket-lifecycle");
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task Policies_lists_and_blocks(string program)
    {
        using var aws = await OpenAsync(program);
        using var anyone = new HttpClient();
        var address = new Uri($"{aws.Endpoint.Address}/{aws.Bucket}/k");
        await aws.Raw.PutAsync(aws.Bucket, "k", "x"u8.ToArray());
        await ApiAsync(aws, "put-bucket-policy", "--policy", $$"""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::{{aws.Bucket}}/*"}]}""");
        Assert.Equal("x", await anyone.GetStringAsync(address));
        Assert.True((await ApiAsync(aws, "get-bucket-policy-status")).GetProperty("PolicyStatus").GetProperty("IsPublic").GetBoolean());
        await ApiAsync(aws, "put-public-access-block", "--public-access-block-configuration", "RestrictPublicBuckets=true");
        Assert.Equal(HttpStatusCode.Forbidden, (await anyone.GetAsync(address)).StatusCode);
        await ApiAsync(aws, "delete-public-access-block");
        await ApiAsync(aws, "delete-bucket-policy");

        await ApiAsync(aws, "put-bucket-ownership-controls", "--ownership-controls", "Rules=[{ObjectOwnership=ObjectWriter}]");
        await ApiAsync(aws, "put-object-acl", "--key", "k", "--acl", "public-read");
        Assert.Equal("x", await anyone.GetStringAsync(address));
        Assert.Equal(2, (await ApiAsync(aws, "get-object-acl", "--key", "k")).GetProperty("Grants").GetArrayLength());
        await ApiAsync(aws, "put-bucket-acl", "--acl", "public-read");
        Assert.Equal(2, (await ApiAsync(aws, "get-bucket-acl")).GetProperty("Grants").GetArrayLength());
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task Refusals_are_reported_by_their_code(string program)
    {
        using var aws = await OpenAsync(program);
        var absent = await aws.TryRunAsync(program, "--endpoint-url", aws.Endpoint.Address, "s3", "cp", $"s3://{aws.Bucket}/no", "-");
        Assert.NotEqual(0, absent.ExitCode);
        Assert.Contains("404", absent.StandardError, StringComparison.Ordinal);
        aws.Environment["AWS_SECRET_ACCESS_KEY"] = "not the secret";
        var wrong = await aws.TryRunAsync(program, "--endpoint-url", aws.Endpoint.Address, "s3", "ls");
        Assert.Contains("SignatureDoesNotMatch", wrong.StandardError, StringComparison.Ordinal);
    }

    private async Task<ClientSession> OpenAsync(string program, string scheme = "http")
    {
        _program = InstalledPrograms.Need(program);
        var aws = await ClientSession.OpenAsync(servers, "awscli", scheme);
        await S3Async(aws, "mb", $"s3://{aws.Bucket}");
        return aws;
    }

    private Task<ProgramResult> S3Async(ClientSession aws, string command, params string[] arguments) =>
        aws.RunAsync(_program, ["--endpoint-url", aws.Endpoint.Address, "s3", command, .. Quiet(command), .. arguments]);

    private async Task<JsonElement> ApiAsync(ClientSession aws, string command, params string[] arguments)
    {
        string[] all = ["--endpoint-url", aws.Endpoint.Address, "--output", "json", "s3api", command, "--bucket", aws.Bucket];
        var result = await aws.RunAsync(_program, [.. all, .. arguments]);
        using var document = JsonDocument.Parse(result.StandardOutput.Length == 0 ? "{}" : result.StandardOutput);
        return document.RootElement.Clone();
    }

    private static string[] Quiet(string command) => command is "cp" or "sync" or "mv" ? ["--no-progress"] : [];
}
