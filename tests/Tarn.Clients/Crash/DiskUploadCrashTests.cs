using System.Security.Cryptography;
using System.Text.Json;
using Tarn.Clients.Harness;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;

namespace Tarn.Clients.Crash;

/// <summary>The real server is killed while a file is written to a disk by <c>tarn disk put</c>.</summary>
public sealed class DiskUploadCrashTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new("disk-upload");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_file_goes_on_where_it_was_when_the_server_is_killed()
    {
        byte[] content = new byte[(96 << 20) + 12_345];
        new Random(5).NextBytes(content);
        string local = _directory.PathOf("local.bin");
        await File.WriteAllBytesAsync(local, content, TestContext.Current.CancellationToken);
        await using TarnServer server = await TarnServer.StartAsync();
        var commands = new TarnCommands(server);
        JsonElement disk = await commands.ReadAsync("disk", "create", "files");
        (string id, string root) = (disk.GetProperty("id").GetString()!, disk.GetProperty("mounts")[0].GetProperty("path").GetString()!);
        await commands.ReadAsync("disk", "mkdir", "files:/a/b", "--parents");
        Task<ProgramResult> first = commands.RunAsync("disk", "put", local, "files:/a/b/");
        string staging = Path.Combine(root, ".tarn-uploads", id);
        using (var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60)))
        {
            // Nothing tells from outside how far an upload is, except its file.
            while (!Directory.Exists(staging) || !Directory.EnumerateFiles(staging).Any(path => !Path.GetFileName(path).Contains('.', StringComparison.Ordinal) && new FileInfo(path).Length > 24 << 20))
            {
                limit.Token.ThrowIfCancellationRequested();
                await Task.Delay(2, limit.Token);
            }
        }

        await server.KillHardAsync();
        ProgramResult cut = await first;
        Assert.NotEqual(0, cut.ExitCode);
        Assert.False(File.Exists(Path.Combine(root, "a/b/local.bin")));
        await server.RestartAsync();
        string note = Assert.Single(Directory.EnumerateFiles(staging, "*.note"));
        long kept = new FileInfo(note[..^".note".Length]).Length;
        Assert.InRange(kept, 8 << 20, content.Length - 1);
        JsonElement written = await commands.ReadAsync("disk", "put", local, "files:/a/b/");
        Assert.Equal(content.Length, written.GetProperty("size").GetInt64());
        Assert.Equal(SHA256.HashData(content), SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(root, "a/b/local.bin"), TestContext.Current.CancellationToken)));
        Assert.Empty(Directory.EnumerateFiles(staging));

        // The file is the bucket's at once; and the rest of the commands.
        JsonElement user = await commands.ReadAsync("disk", "user", "add", "files");
        using var s3 = new RawS3Client(server.Endpoint with { AccessKey = user.GetProperty("accessKeyId").GetString()!, SecretKey = user.GetProperty("secretAccessKey").GetString()! });
        Assert.Equal([("a/b/local.bin", content.Length)], await s3.ListAsync(id));
        Assert.NotEqual(0, (await commands.RunAsync("disk", "put", local, "files:/a/b/local.bin")).ExitCode);
        await commands.ReadAsync("disk", "put", local, "files:/a/b/local.bin", "--replace");
        await commands.ReadAsync("disk", "mv", "files:/a/b/local.bin", "files:/moved");
        Assert.NotEqual(0, (await commands.RunAsync("disk", "rm", "files:/a")).ExitCode);
        await commands.ReadAsync("disk", "rm", "files:/a", "--recursive");
        await commands.ReadAsync("disk", "set", "files", "--write", "off");
        Assert.Contains("read-only", (await commands.RunAsync("disk", "rm", "files:/moved")).StandardError, StringComparison.Ordinal);
        Assert.Equal([("moved", content.Length)], await s3.ListAsync(id));
    }
}
