using System.Text.Json;
using Tarn.Core.Buckets;
using Tarn.Server.Backups;
using Tarn.Tests.Control;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Backups;

/// <summary>Who may work on backups of a server, where to, and when.</summary>
public sealed class BackupApiTests
{
    private static readonly (string Method, string Path, string? Body)[] Requests =
    [
        ("POST", "/api/backups", """{"target":"daily"}"""),
        ("GET", "/api/backups?target=daily", null),
        ("POST", "/api/backups/verify", """{"target":"daily"}"""),
        ("DELETE", "/api/backups/20260102T030405006Z-0a1b2c3d?target=daily", null),
        ("GET", "/api/backups/job", null),
        ("DELETE", "/api/backups/job", null),
    ];

    [Fact]
    public async Task Only_the_root_user_of_the_server_may()
    {
        await using BackupServer server = await BackupServer.StartAsync();
        Signer acme = await server.OrganizationAsync("acme");
        foreach ((string method, string path, string? body) in Requests)
        {
            await server.RefusalAsync(401, null, method, path, body);
            Assert.Equal("only the server's root user may do this", await server.RefusalAsync(403, acme, method, path, body));
        }

        Assert.Null(server.Jobs.Last);
        Assert.Empty(Directory.EnumerateFileSystemEntries(server.Root));
    }

    [Fact]
    public async Task No_path_leads_out_of_the_backup_root()
    {
        await using BackupServer server = await BackupServer.StartAsync();
        Directory.CreateDirectory(server.PathOf("outside"));
        Directory.CreateDirectory(server.PathOf("backups-beside"));
        File.CreateSymbolicLink(Path.Combine(server.Root, "link"), server.PathOf("outside"));
        File.CreateSymbolicLink(Path.Combine(server.Root, "loop"), Path.Combine(server.Root, "loop"));
        foreach (string target in new[]
        {
            "..", "../outside", "daily/../../outside", "link", "link/x", server.PathOf("outside"), server.PathOf("backups-beside"), "/", "/etc", server.Data, Path.Combine(server.Data, "blobs"), "loop", "loop/x", "",
            "a\0b",
        })
        {
            foreach ((string method, string path, string? body) in Requests.Take(4))
            {
                string there = body is null ? path.Replace("target=daily", "target=" + Uri.EscapeDataString(target), StringComparison.Ordinal) : path;
                await server.RefusalAsync(400, ControlServer.Root, method, there, body is null ? null : $$"""{"target":{{JsonSerializer.Serialize(target)}}}""");
            }
        }

        Assert.Empty(Directory.EnumerateFileSystemEntries(server.PathOf("outside")));
        Assert.Empty(Directory.EnumerateFileSystemEntries(server.PathOf("backups-beside")));
        await server.RefusalAsync(400, ControlServer.Root, "DELETE", "/api/backups/..%2F..%2Fdata?target=daily");
        await server.RefusalAsync(400, ControlServer.Root, "POST", "/api/backups/verify", """{"target":"daily","name":"../../data/format"}""");
        Assert.Null(server.Jobs.Last);
    }

    [Fact]
    public async Task A_directory_with_something_else_is_no_target()
    {
        await using BackupServer server = await BackupServer.StartAsync();
        Directory.CreateDirectory(server.Target);
        File.WriteAllText(Path.Combine(server.Target, "mine"), "x");
        BackupJob job = await server.CreateAsync();
        Assert.Equal(BackupState.Failed, job.State);
        Assert.Contains("is not empty, and has no backups of Tarn", job.Error, StringComparison.Ordinal);
        Assert.Equal(["mine"], Directory.EnumerateFileSystemEntries(server.Target).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Without_a_root_or_if_it_is_not_mounted_no_backup_is_made()
    {
        await using (BackupServer without = await BackupServer.StartAsync(root: false))
        {
            Assert.Contains("start it with --backup-root", await without.RefusalAsync(400, ControlServer.Root, "POST", "/api/backups", """{"target":"daily"}"""), StringComparison.Ordinal);
        }

        await using BackupServer server = await BackupServer.StartAsync();
        Directory.Delete(server.Root);
        Assert.Contains("is its file system not mounted?", await server.RefusalAsync(400, ControlServer.Root, "POST", "/api/backups", """{"target":"daily"}"""), StringComparison.Ordinal);
        Assert.False(Directory.Exists(server.Root));
    }

    [Fact]
    public async Task One_job_runs_at_a_time_and_can_be_ended()
    {
        var begun = new TaskCompletionSource();
        await using BackupServer server = await BackupServer.StartAsync(async (_, token) =>
        {
            begun.TrySetResult();
            await Task.Delay(Timeout.Infinite, token);
        });
        await server.RefusalAsync(404, ControlServer.Root, "GET", "/api/backups/job");
        JsonElement job = await server.DataAsync("POST", "/api/backups", """{"target":"daily"}""");
        await begun.Task.WaitAsync(StoreFixture.Token);
        Assert.Equal("running", (await server.DataAsync("GET", "/api/backups/job")).GetProperty("state").GetString());
        foreach ((string method, string path, string? body) in new[] { Requests[0], Requests[2], Requests[3] })
        {
            Assert.Contains("other work on backups is under way", await server.RefusalAsync(409, ControlServer.Root, method, path, body), StringComparison.Ordinal);
        }

        await server.DataAsync("DELETE", "/api/backups/job");
        await server.Jobs.Last!.Ended.WaitAsync(StoreFixture.Token);
        JsonElement ended = await server.DataAsync("GET", "/api/backups/job");
        Assert.Equal((job.GetProperty("id").GetString(), "cancelled"), (ended.GetProperty("id").GetString(), ended.GetProperty("state").GetString()));
        Assert.Empty((await server.DataAsync("GET", "/api/backups?target=daily")).GetProperty("backups").EnumerateArray());
        Assert.False(Directory.Exists(Path.Combine(server.Data, "meta", "backup")));
    }

    [Fact]
    public async Task A_backup_that_keeps_too_much_ends_before_writes_do()
    {
        var kept = new TaskCompletionSource();
        await using BackupServer server = await BackupServer.StartAsync(
            async (running, token) =>
            {
                Bucket bucket = await running.BucketAsync();
                await running.DeleteAsync(bucket, "object");
                await running.ReclaimAsync();
                kept.SetResult();
                await Task.Delay(Timeout.Infinite, token);
            },
            hasKept => hasKept && kept.Task.IsCompleted ? "the disk runs full" : null);
        await server.PutAsync(await server.BucketAsync(), "object", StoreFixture.Bytes(100_000));
        await server.DataAsync("POST", "/api/backups", """{"target":"daily"}""");
        BackupJob job = server.Jobs.Last!;
        await kept.Task.WaitAsync(StoreFixture.Token);
        Assert.Single(server.BlobFiles());
        server.Clock.Advance(TimeSpan.FromSeconds(1));
        await job.Ended.WaitAsync(StoreFixture.Token);
        Assert.Equal((BackupState.Failed, "the disk runs full"), (job.State, job.Error));
        Assert.Empty(server.BlobFiles());
    }

    [Fact]
    public async Task Another_process_that_writes_to_the_place_is_noticed()
    {
        await using BackupServer server = await BackupServer.StartAsync();
        await server.CreateAsync();
        await using (DirectoryTarget.Open(server.Target, 0))
        {
            BackupJob job = await server.CreateAsync();
            Assert.Equal(BackupState.Failed, job.State);
            Assert.Contains("another process writes", job.Error, StringComparison.Ordinal);
        }

        Assert.Equal(BackupState.Succeeded, (await server.CreateAsync()).State);
    }
}
