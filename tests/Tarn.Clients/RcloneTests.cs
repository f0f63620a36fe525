using Tarn.Clients.Harness;
using Tarn.TestKit.Programs;

namespace Tarn.Clients;

/// <summary>rclone: compares listings with local trees, keeps modification times in metadata, copies on the server.</summary>
public sealed class RcloneTests(ClientServers servers)
{
    [Theory]
    [InlineData("http")]
    [InlineData("https")]
    public async Task Trees_are_the_same_there_and_back(string scheme)
    {
        using var rclone = await OpenAsync(scheme);
        var tree = Path.Combine(rclone.Home, "tree");
        Content.WriteTree(tree);
        await RunAsync(rclone, "sync", tree, At(rclone, "t"));
        await RunAsync(rclone, "check", tree, At(rclone, "t"));
        await RunAsync(rclone, "check", "--download", tree, At(rclone, "t"));
        var again = await RunAsync(rclone, "sync", "-v", "--checksum", tree, At(rclone, "t"));
        Assert.DoesNotContain(": Copied", again.StandardError, StringComparison.Ordinal);
        var byTime = await RunAsync(rclone, "sync", "-v", tree, At(rclone, "t"));
        Assert.DoesNotContain(": Copied", byTime.StandardError, StringComparison.Ordinal);

        var back = Path.Combine(rclone.Home, "back");
        await RunAsync(rclone, "sync", At(rclone, "t"), back);
        Assert.Equal(Content.Tree(tree), Content.Tree(back));
        File.Delete(Path.Combine(back, "small.txt"));
        await File.WriteAllTextAsync(Path.Combine(back, "new"), "new");
        await RunAsync(rclone, "sync", back, At(rclone, "t"));
        var keys = (await rclone.Raw.ListAsync(rclone.Bucket, "t/")).Select(entry => entry.Key).ToArray();
        Assert.Contains("t/new", keys);
        Assert.DoesNotContain("t/small.txt", keys);
    }

    [Fact]
    public async Task Large_file_in_parts()
    {
        using var rclone = await OpenAsync();
        var file = rclone.Write("large", Content.Of(100 * Content.MiB, 4));
        await RunAsync(rclone, "copyto", "--s3-upload-cutoff=20M", "--s3-chunk-size=8M", file, At(rclone, "large"));
        await RunAsync(rclone, "copyto", "--multi-thread-cutoff=10M", "--multi-thread-streams=4", At(rclone, "large"), Path.Combine(rclone.Home, "back"));
        Content.AssertSame(file, Path.Combine(rclone.Home, "back"));
        await RunAsync(rclone, "copyto", "--s3-copy-cutoff=20M", "--s3-chunk-size=8M", At(rclone, "large"), At(rclone, "copied by parts"));
        await RunAsync(rclone, "check", "--download", "--include=/large", rclone.Home, At(rclone, ""));
        Assert.Equal(100 * Content.MiB, (await rclone.Raw.ListAsync(rclone.Bucket, "copied")).Single().Size);
    }

    [Fact]
    public async Task Server_side_copy_move_list_and_purge()
    {
        using var rclone = await OpenAsync();
        var tree = Path.Combine(rclone.Home, "tree");
        Content.WriteTree(tree);
        await RunAsync(rclone, "copy", tree, At(rclone, "t"));
        var copied = await RunAsync(rclone, "copy", "-v", At(rclone, "t"), At(rclone, "u"));
        Assert.Contains("Copied (server-side copy)", copied.StandardError, StringComparison.Ordinal);
        await RunAsync(rclone, "move", At(rclone, "u"), At(rclone, "moved"));
        await RunAsync(rclone, "check", "--download", tree, At(rclone, "moved"));
        var listed = await RunAsync(rclone, "lsf", "-R", "--files-only", At(rclone, "moved"));
        Assert.Equal(Content.Tree(tree).Keys.Order(StringComparer.Ordinal), listed.Lines.Order(StringComparer.Ordinal));
        await RunAsync(rclone, "purge", At(rclone, "t"));
        Assert.Empty(await rclone.Raw.ListAsync(rclone.Bucket, "t/"));
        var link = (await RunAsync(rclone, "link", At(rclone, "moved/small.txt"))).StandardOutput.Trim();
        await rclone.RunAsync(InstalledPrograms.Need("curl"), "--fail", "--silent", "--show-error", "-o", "linked", link);
        Content.AssertSame(Path.Combine(tree, "small.txt"), Path.Combine(rclone.Home, "linked"));
        await RunAsync(rclone, "purge", At(rclone, ""));
        Assert.Equal("NoSuchBucket", (await rclone.Raw.SendAsync(HttpMethod.Get, rclone.Bucket)).ErrorCode);
    }

    [Fact]
    public async Task Unknown_length_from_standard_input()
    {
        using var rclone = await OpenAsync();
        var file = rclone.Write("source", Content.Of(12 * Content.MiB, 6));
        await rclone.RunAsync("/bin/sh", "-c", $"'{Rclone}' rcat '{At(rclone, "streamed")}' < '{file}'");
        await RunAsync(rclone, "copyto", At(rclone, "streamed"), Path.Combine(rclone.Home, "back"));
        Content.AssertSame(file, Path.Combine(rclone.Home, "back"));
    }

    [Fact]
    public async Task Keys_of_every_character_are_copied()
    {
        const string Key = "k !\"#$%&'()*+,-./0:;<=>?@A[\\]^_`a{|}~\u00e9\u2603\U0001f600";
        using var rclone = await OpenAsync();
        await rclone.Raw.PutAsync(rclone.Bucket, Key, "right"u8.ToArray());
        await rclone.Raw.PutAsync(rclone.Bucket, Key.Replace('+', ' '), "wrong"u8.ToArray());
        await RunAsync(rclone, "copyto", At(rclone, Key), At(rclone, "copy " + Key));
        Assert.Equal("right", (await RunAsync(rclone, "cat", At(rclone, "copy " + Key))).StandardOutput);
    }

    private static string Rclone => InstalledPrograms.Need("rclone");

    private static string At(ClientSession rclone, string path) => $"tarn:{rclone.Bucket}/{path}";

    private async Task<ClientSession> OpenAsync(string scheme = "http")
    {
        _ = Rclone;
        var rclone = await ClientSession.OpenAsync(servers, "rclone", scheme);
        var settings = rclone.Environment;
        settings["RCLONE_CONFIG"] = Path.Combine(rclone.Home, "rclone.conf");
        settings["RCLONE_CONFIG_TARN_TYPE"] = "s3";
        settings["RCLONE_CONFIG_TARN_PROVIDER"] = "Other";
        settings["RCLONE_CONFIG_TARN_ENV_AUTH"] = "true";
        settings["RCLONE_CONFIG_TARN_ENDPOINT"] = rclone.Endpoint.Address;
        settings["RCLONE_CONFIG_TARN_REGION"] = rclone.Endpoint.Region;
        settings["RCLONE_RETRIES"] = "1";
        settings["RCLONE_LOW_LEVEL_RETRIES"] = "1";
        if (rclone.Endpoint.AuthorityFile is { } authority)
        {
            // Its SDK refuses AWS_CA_BUNDLE beside rclone's own transport.
            settings["AWS_CA_BUNDLE"] = "";
            settings["RCLONE_CA_CERT"] = authority;
        }

        await RunAsync(rclone, "mkdir", At(rclone, ""));
        return rclone;
    }

    private static Task<ProgramResult> RunAsync(ClientSession rclone, params string[] arguments) =>
        rclone.RunAsync(Rclone, arguments);
}
