using System.Net;
using System.Text.Json;
using Tarn.Clients.Harness;
using Tarn.TestKit.Faults;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;

namespace Tarn.Clients.Backups;

/// <summary>A device of backups that fails or is full: the backup fails and says so, nothing lists it, and the server goes on.</summary>
public sealed class BackupFaultTests
{
    private const string Bucket = "backup";
    private const string Place = "backups/daily/";

    [Fact]
    public async Task A_call_on_the_place_that_fails_fails_the_backup_and_nothing_else()
    {
        FaultShim.Need();
        using var directory = new TemporaryDirectory("backup");
        string root = Directory.CreateDirectory(directory.PathOf("backups")).FullName;
        string target = Path.Combine(root, "daily");
        using var faults = new FaultInjection(directory.FullPath);
        await using var server = await TarnServer.StartAsync(new TarnServerOptions
        {
            DataDirectory = directory.PathOf("data"), Environment = faults.Environment, Arguments = ["--backup-root", root],
        });
        Assert.True(faults.IsAttached);
        using var client = new RawS3Client(server.Endpoint);
        await client.CreateBucketAsync(Bucket);
        var commands = new TarnCommands(server);
        await commands.ReadAsync("backup", "create", "daily");
        var seed = 0;
        foreach ((FaultCalls call, string pattern, int error) in new[]
        {
            (FaultCalls.Write, "blobs/tmp/*", Errno.NoSpace),
            (FaultCalls.Write, "blobs/tmp/*", Errno.Input),
            (FaultCalls.Fsync, "blobs/tmp/*", Errno.Input),
            (FaultCalls.Fsync, "blobs/??", Errno.Input),
            (FaultCalls.Rename, "blobs/tmp/*", Errno.Input),
            (FaultCalls.Write, "tmp/*", Errno.NoSpace),
            (FaultCalls.Fsync, "tmp/*", Errno.Input),
            (FaultCalls.Rename, "tmp/*", Errno.NoSpace),
            (FaultCalls.Write, "backups/*", Errno.NoSpace),
            (FaultCalls.Fsync, "backups/*", Errno.Input),
            (FaultCalls.Rename, "backups/*", Errno.Input),
        })
        {
            var content = new byte[100_000];
            BitConverter.TryWriteBytes(content, ++seed);
            (await client.PutAsync(Bucket, $"object{seed}", content)).Expect();
            int listed = await CountAsync(commands, target);
            using (Fault fault = faults.Add(call, Place + pattern, error))
            {
                ProgramResult result = await commands.RunAsync("backup", "create", "daily");
                Assert.True(result.ExitCode == 1 && result.StandardError.Length > 0 && fault.Hits > 0, $"{call} {pattern}: {result.ExitCode} {result.StandardError} {fault.Hits} hits");
                Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(Bucket, $"object{seed}")).Status);
                (await client.PutAsync(Bucket, "meanwhile", content)).Expect();
            }

            Assert.Equal(listed, await CountAsync(commands, target));
            JsonElement job = await commands.ReadAsync("backup", "create", "daily");
            Assert.Equal("succeeded", job.GetProperty("state").GetString());
        }

        ProgramResult verified = await commands.RunAsync("backup", "verify", target);
        Assert.True(verified.ExitCode == 0, verified.StandardOutput);
        await server.StopAsync();
    }

    [Fact]
    public async Task Where_files_can_share_their_bytes_nothing_is_copied_and_nothing_damaged_is_shared()
    {
        FaultShim.Need();
        using var directory = new TemporaryDirectory("backup");
        string root = Directory.CreateDirectory(directory.PathOf("backups")).FullName, target = Path.Combine(root, "daily");
        using var faults = new FaultInjection(directory.FullPath) { HasClones = true };
        await using var server = await TarnServer.StartAsync(new TarnServerOptions
        {
            DataDirectory = directory.PathOf("data"), Environment = faults.Environment, Arguments = ["--backup-root", root],
        });
        using var client = new RawS3Client(server.Endpoint);
        await client.CreateBucketAsync(Bucket);
        (await client.PutAsync(Bucket, "right", new byte[100_000])).Expect();
        (await client.PutAsync(Bucket, "rotten", new byte[200_000])).Expect();
        string rotten = BlobOf(Path.Combine(server.DataDirectory, "blobs"), 200_000);
        byte[] bytes = File.ReadAllBytes(rotten);
        bytes[70_000] ^= 1;
        File.WriteAllBytes(rotten, bytes);
        var commands = new TarnCommands(server);
        ProgramResult result = await commands.RunAsync("backup", "create", "daily", "--json");
        Assert.Equal(1, result.ExitCode);
        JsonElement job = await commands.ReadAsync("backup", "status");
        Assert.Equal(("damaged", "rotten"), (job.GetProperty("state").GetString(), job.GetProperty("problems")[0].GetProperty("key").GetString()));
        Assert.Equal(0, (await commands.ReadAsync("backup", "list", target))[0].GetProperty("copiedBytes").GetInt64());
        string right = BlobOf(Path.Combine(server.DataDirectory, "blobs"), 100_000);
        Assert.Equal(File.ReadAllBytes(right), File.ReadAllBytes(BlobOf(Path.Combine(target, "blobs"), 100_000)));
        Assert.False(File.Exists(Path.Combine(target, Path.GetRelativePath(server.DataDirectory, rotten))));
        await server.StopAsync();
    }

    [Fact]
    public async Task A_blob_that_the_device_cannot_read_is_listed_and_the_rest_is_kept()
    {
        FaultShim.Need();
        using var directory = new TemporaryDirectory("backup");
        string root = Directory.CreateDirectory(directory.PathOf("backups")).FullName;
        using var faults = new FaultInjection(directory.FullPath);
        await using var server = await TarnServer.StartAsync(new TarnServerOptions
        {
            DataDirectory = directory.PathOf("data"), Environment = faults.Environment, Arguments = ["--backup-root", root],
        });
        using var client = new RawS3Client(server.Endpoint);
        await client.CreateBucketAsync(Bucket);
        (await client.PutAsync(Bucket, "one", new byte[100_000])).Expect();
        (await client.PutAsync(Bucket, "two", new byte[200_000])).Expect();
        string blob = BlobOf(Path.Combine(server.DataDirectory, "blobs"), 100_000);
        var commands = new TarnCommands(server);
        using (faults.Add(FaultCalls.Read, Path.GetRelativePath(directory.FullPath, blob), Errno.Input))
        {
            ProgramResult result = await commands.RunAsync("backup", "create", "daily");
            Assert.Equal(1, result.ExitCode);
            Assert.Contains("unreadable backup/one: The blob cannot be read", result.StandardOutput, StringComparison.Ordinal);
        }

        Assert.Equal("succeeded", (await commands.ReadAsync("backup", "create", "daily")).GetProperty("state").GetString());
        await server.StopAsync();
    }

    /// <summary>How many backups there are that came to their end.</summary>
    private static async Task<int> CountAsync(TarnCommands commands, string target) =>
        (await commands.ReadAsync("backup", "list", target)).EnumerateArray().Count(static backup => backup.GetProperty("state").GetString() != "unfinished");

    /// <summary>The file of the one blob that is a little longer than that.</summary>
    private static string BlobOf(string directory, int length) => Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories)
        .Single(path => new FileInfo(path).Length > length && new FileInfo(path).Length < length + 50_000 && Path.GetFileName(path).Length == 32);
}
