using System.Runtime.Versioning;
using Tarn.Backends.RocksDb;
using Tarn.Core.Backups;
using Tarn.Core.Buckets;
using Tarn.Core.KeyValue;
using Tarn.Core.Records;
using Tarn.Server.Backups;
using Tarn.Server.Storage;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Backups;

/// <summary>What a backup says and does when something around the data fails or is damaged.</summary>
public sealed class BackupDamageTests
{
    private static readonly byte[] Middle = StoreFixture.Bytes(100_000, 2), Large = StoreFixture.Bytes(3_000_000, 3);

    [Fact]
    public async Task A_damaged_list_of_blobs_takes_no_object_with_it()
    {
        await using BackupServer server = await BackupServer.StartAsync();
        await FillAsync(server);
        await server.CreateAsync();
        BackupFile list = server.Jobs.Last!.Manifest!.File(BackupManifest.BlobListName)!;
        Flip(Path.Combine(server.Target, "files", list.Sha256[..2], list.Sha256), 20);
        (int code, string output, _) = await BackupServer.CommandAsync("backup", "verify", server.Target);
        Assert.Equal(1, code);
        Assert.Equal("damaged: The file blobs does not match its checksum. [data blobs]", output.Trim());

        string restored = server.PathOf("restored");
        (code, output, string error) = await BackupServer.CommandAsync("backup", "restore", server.Target, "--data", restored, "--without-master-key");
        Assert.Equal(1, code);
        Assert.Contains("The file blobs does not match its checksum", output, StringComparison.Ordinal);
        Assert.Contains("was restored, but there is 1 other problem", error, StringComparison.Ordinal);
        await BackupServer.OpenAsync(restored, async store =>
        {
            Assert.Equal(Middle, await BackupServer.ReadAsync(store, "middle"));
            Assert.Equal(Large, await BackupServer.ReadAsync(store, "large"));
        });

        Flip(BackupServer.Blobs(server.Target).Single(path => new FileInfo(path).Length > Large.Length), 70_000);
        File.Delete(BackupServer.Blobs(server.Target).Single(path => new FileInfo(path).Length < Large.Length));
        (_, output, _) = await BackupServer.CommandAsync("backup", "verify", server.Target);
        Assert.Equal(3, output.Trim().Split('\n').Length);
        Assert.Contains("damaged bucket/large", output, StringComparison.Ordinal);
        Assert.Contains("missing bucket/middle", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_that_cannot_be_read_make_the_backup_damaged()
    {
        await using BackupServer server = await BackupServer.StartAsync();
        Bucket bucket = await FillAsync(server);
        IKeyValueStore rows = server.Get<Engines>().Metadata;
        KeyValueEntry row = (await rows.ScanAsync([Tables.Current], [Tables.Current + 1], 1, reverse: false, StoreFixture.Token))[0];
        await rows.CommitAsync(new KeyValueBatch().Put(row.Key, [255, 255, 255]), StoreFixture.Token);
        BackupJob job = await server.CreateAsync();
        Assert.Equal((BackupState.Damaged, "unreadable"), (job.State, Assert.Single(job.Problems).Kind));
        (int code, string output, _) = await BackupServer.CommandAsync("backup", "verify", server.Target);
        Assert.Equal(1, code);
        Assert.Contains("what it names is not in the backup", output, StringComparison.Ordinal);
        Assert.NotNull(bucket);
    }

    [Fact]
    public async Task A_damaged_table_is_reported_by_every_backup_that_has_it()
    {
        await using BackupServer server = await BackupServer.StartAsync();
        Bucket bucket = await FillAsync(server);
        for (int i = 0; i < 100; i++)
        {
            await server.PutAsync(bucket, $"small{i:d3}", StoreFixture.Bytes(1000, i));
        }

        Assert.Equal(BackupState.Succeeded, (await server.CreateAsync("\"metadataOnly\":true")).State);
        string table = Directory.EnumerateFiles(Path.Combine(server.Data, "meta"), "*.sst").MaxBy(static path => new FileInfo(path).Length)!;
        FlipInPlace(table, 50_000);
        for (int i = 0; i < 2; i++)
        {
            BackupJob job = await server.CreateAsync("\"metadataOnly\":true");
            Assert.Equal(BackupState.Damaged, job.State);
            Assert.Equal(("metadata", "metadata/" + Path.GetFileName(table)), (Assert.Single(job.Problems).Kind, job.Problems[0].Data));
        }

        FlipInPlace(table, 50_000);
        Assert.Equal(BackupState.Succeeded, (await server.CreateAsync("\"metadataOnly\":true")).State);
    }

    [Fact]
    public async Task What_this_machine_lacks_is_no_damage_to_the_backup()
    {
        await using BackupServer server = await BackupServer.StartAsync();
        await FillAsync(server);
        await server.CreateAsync();
        await using var target = DirectoryTarget.OpenToRead(server.Target, keeps: true);
        string scratch = Directory.CreateDirectory(server.PathOf("scratch")).FullName;
        IOException failure = await Assert.ThrowsAsync<IOException>(() => BackupVerification.RunAsync<RocksDbReader>(
            target, server.Jobs.Last!.Manifest!, static _ => throw new IOException("too many open files"), scratch, new BackupProgress(), StoreFixture.Token));
        Assert.Equal("too many open files", failure.Message);
        Assert.All(Directory.EnumerateFiles(scratch), path => Assert.NotNull(new FileInfo(path).LinkTarget));
    }

    [Fact]
    [SupportedOSPlatform("linux")]
    public async Task Nobody_else_can_read_a_place_that_others_can_enter()
    {
        await using BackupServer server = await BackupServer.StartAsync();
        Directory.CreateDirectory(server.Target, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        await FillAsync(server);
        Assert.Equal(BackupState.Succeeded, (await server.CreateAsync()).State);
        Assert.All(
            Directory.EnumerateDirectories(server.Target),
            static path => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(path)));
    }

    [Fact]
    public async Task A_verification_or_removal_makes_no_place()
    {
        await using BackupServer server = await BackupServer.StartAsync();
        Assert.Equal(BackupState.Failed, (await server.RunAsync("POST", "/api/backups/verify", """{"target":"daily"}""")).State);
        Assert.Equal(BackupState.Failed, (await server.RunAsync("DELETE", "/api/backups/20260102T030405006Z-0a1b2c3d?target=daily", null)).State);
        Assert.False(Directory.Exists(server.Target));
    }

    [Fact]
    public async Task Without_a_name_the_newest_backup_with_data_is_meant()
    {
        await using BackupServer server = await BackupServer.StartAsync();
        await FillAsync(server);
        await server.CreateAsync();
        await server.CreateAsync("\"metadataOnly\":true");
        Flip(BackupServer.Blobs(server.Target)[0], 70_000);
        Assert.Equal(1, (await BackupServer.CommandAsync("backup", "verify", server.Target)).Code);
    }

    [Fact]
    public async Task What_was_kept_goes_before_the_backup_has_ended()
    {
        var kept = new TaskCompletionSource();
        var gone = new TaskCompletionSource();
        await using BackupServer server = await BackupServer.StartAsync(
            async (running, _) =>
            {
                await running.DeleteAsync(await running.BucketAsync(), "object");
                await running.ReclaimAsync();
                kept.SetResult();
                await gone.Task;
            },
            takesRoom => kept.Task.IsCompleted ? throw new IOException("statfs failed") : null);
        await server.PutAsync(await server.BucketAsync(), "object", StoreFixture.Bytes(100_000));
        await server.DataAsync("POST", "/api/backups", """{"target":"daily"}""");
        BackupJob job = server.Jobs.Last!;
        await kept.Task.WaitAsync(StoreFixture.Token);
        Assert.Single(server.BlobFiles());
        server.Clock.Advance(TimeSpan.FromSeconds(1));
        long until = Environment.TickCount64 + 30_000;
        while (server.BlobFiles().Length > 0)
        {
            Assert.True(Environment.TickCount64 < until, "the blob is kept until the backup has ended");
            await Task.Yield();
        }

        Assert.Equal(BackupState.Running, job.State);
        gone.SetResult();
        await job.Ended.WaitAsync(StoreFixture.Token);
        Assert.Equal(BackupState.Failed, job.State);
        Assert.Contains("statfs failed", job.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(server.Target, "backups")));
    }

    [Fact]
    public void Two_directories_of_a_file_system_share_its_room()
    {
        string one = Directory.CreateTempSubdirectory("tarn-backup-").FullName, other = Directory.CreateTempSubdirectory("tarn-backup-").FullName;
        try
        {
            Assert.True(SameDevice.Shares(one, other));
            Assert.Empty(Directory.EnumerateFileSystemEntries(one));
        }
        finally
        {
            Directory.Delete(one);
            Directory.Delete(other);
        }
    }

    private static async Task<Bucket> FillAsync(BackupServer server)
    {
        Bucket bucket = await server.BucketAsync();
        await server.PutAsync(bucket, "middle", Middle);
        await server.PutAsync(bucket, "large", Large);
        return bucket;
    }

    private static void Flip(string path, int at)
    {
        byte[] bytes = File.ReadAllBytes(path);
        bytes[at] ^= 4;
        File.WriteAllBytes(path, bytes);
    }

    private static void FlipInPlace(string path, int at)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        file.Position = at;
        int value = file.ReadByte();
        file.Position = at;
        file.WriteByte((byte)(value ^ 4));
    }
}
