using System.Runtime.Versioning;
using Tarn.Backends.RocksDb;
using Tarn.Backends.RocksDb.Interop;
using Tarn.Core;
using Tarn.Core.Backups;
using Tarn.Core.Buckets;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Objects.Multipart;
using Tarn.Core.Objects.Writing;
using Tarn.Server.Backups;
using Tarn.Server.Configuration;
using Tarn.Server.Storage;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Backups;

/// <summary>Backups of a server, and stores made of them.</summary>
public sealed class BackupTests
{
    private static readonly byte[] Small = StoreFixture.Bytes(100, 1), Middle = StoreFixture.Bytes(100_000, 2), Large = StoreFixture.Bytes(3_000_000, 3);

    [Fact]
    public async Task A_restored_backup_is_the_store_as_it_was()
    {
        await using BackupServer server = await BackupServer.StartAsync();
        Bucket bucket = await FillAsync(server);
        MultipartUpload upload = await server.Objects.Uploads.CreateAsync(
            bucket, StoreFixture.Key("upload"), "owner", "Owner", Core.Model.ObjectMetadata.Empty, null, Core.Hashing.ChecksumType.FullObject, StoreFixture.Token);
        await server.Objects.Parts.PutAsync(upload, 1, new TestBody(Middle), new IngestRequest(), StoreFixture.Token);
        await server.Objects.Copier.CopyAsync(
            async () => (await server.Objects.Reader.FindAsync(bucket, StoreFixture.Key("large"), StoreFixture.Token))!,
            bucket, StoreFixture.Key("copy"), "owner", static kept => kept, null, WriteCondition.None, StoreFixture.Token);
        BackupJob job = await server.CreateAsync();
        Assert.Equal((BackupState.Succeeded, null), (job.State, job.Error));

        await server.PutAsync(bucket, "later", Middle);
        await server.DeleteAsync(bucket, "middle");
        string restored = await server.RestoreAsync();
        await BackupServer.OpenAsync(restored, async store =>
        {
            Assert.Equal(Small, await BackupServer.ReadAsync(store, "small"));
            Assert.Equal(Middle, await BackupServer.ReadAsync(store, "middle"));
            Assert.Equal(Large, await BackupServer.ReadAsync(store, "large"));
            Assert.Equal(Large, await BackupServer.ReadAsync(store, "copy"));
            Assert.Null(await store.Reader.FindAsync(bucket, StoreFixture.Key("later"), StoreFixture.Token));
        });
        Assert.Equal(StoreId.Of(server.Data), StoreId.Of(restored));
        Assert.Contains(job.Id, new KeptOrphans(restored).Reason, StringComparison.Ordinal);
        DataDirectory.Open(restored, SystemRandomSource.Instance, expectData: true).Dispose();
        Assert.False(Directory.Exists(Path.Combine(server.Data, "meta", "backup")));
    }

    [Fact]
    public async Task The_next_backup_copies_only_what_is_new()
    {
        await using BackupServer server = await BackupServer.StartAsync();
        Bucket bucket = await FillAsync(server);
        Assert.Equal(2, (await server.CreateAsync()).Manifest!.Blobs);
        BackupManifest again = (await server.CreateAsync()).Manifest!;
        Assert.Equal((2, 0), (again.Blobs, again.CopiedBytes));
        await server.PutAsync(bucket, "new", Middle);
        BackupManifest more = (await server.CreateAsync()).Manifest!;
        Assert.Equal(3, more.Blobs);
        Assert.InRange(more.CopiedBytes, 100_000, 110_000);
        Assert.Equal(3, BackupServer.Blobs(server.Target).Length);
        await server.RestoreAsync();
    }

    [Fact]
    public async Task A_copy_in_the_place_that_was_cut_is_made_anew()
    {
        await using BackupServer server = await BackupServer.StartAsync();
        await FillAsync(server);
        await server.CreateAsync();
        string copy = BackupServer.Blobs(server.Target)[0];
        File.WriteAllBytes(copy, File.ReadAllBytes(copy)[..^100]);
        Assert.Equal(BackupState.Succeeded, (await server.CreateAsync()).State);
        await server.RestoreAsync();
    }

    [Fact]
    public async Task A_backup_of_the_metadata_alone_takes_the_blobs_from_a_data_directory()
    {
        await using BackupServer server = await BackupServer.StartAsync();
        await FillAsync(server);
        BackupJob job = await server.CreateAsync("\"metadataOnly\":true");
        Assert.Equal((BackupState.Succeeded, 0), (job.State, job.Manifest!.Blobs));
        Assert.Empty(BackupServer.Blobs(server.Target));

        string restored = server.PathOf("restored");
        (int code, _, string error) = await BackupServer.CommandAsync("backup", "restore", server.Target, "--data", restored, "--without-master-key");
        Assert.Equal(1, code);
        Assert.Contains("is of the metadata alone", error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(restored));

        (code, string output, error) = await BackupServer.CommandAsync("backup", "restore", server.Target, "--data", restored, "--without-master-key", "--allow-missing");
        Assert.Equal(1, code);
        Assert.Contains("missing bucket/large: The blob is missing.", output, StringComparison.Ordinal);
        Assert.Contains("data of 2 objects or parts is missing", error, StringComparison.Ordinal);

        BackupServer.CopyDirectory(Path.Combine(server.Data, "blobs"), Path.Combine(server.PathOf("copy"), "blobs"));
        string whole = await server.RestoreAsync("--blobs-from", server.PathOf("copy"));
        await BackupServer.OpenAsync(whole, async store => Assert.Equal(Large, await BackupServer.ReadAsync(store, "large")));
    }

    [Fact]
    public async Task Damaged_data_is_listed_and_the_rest_is_in_the_backup()
    {
        await using BackupServer server = await BackupServer.StartAsync();
        await FillAsync(server);
        string blob = server.BlobFiles().Single(path => new FileInfo(path).Length > Large.Length);
        Flip(blob, 70_000);
        BackupJob job = await server.CreateAsync();
        Assert.Equal(BackupState.Damaged, job.State);
        BackupProblem problem = Assert.Single(job.Problems);
        Assert.Equal(("damaged", "bucket", "large", Path.GetFileName(blob)), (problem.Kind, problem.Bucket, problem.Key, problem.Data));
        (int code, string output, _) = await BackupServer.CommandAsync("backup", "list", server.Target);
        Assert.Equal(0, code);
        Assert.Contains("incomplete", output, StringComparison.Ordinal);
        (code, output, _) = await BackupServer.CommandAsync("backup", "verify", server.Target);
        Assert.Equal(1, code);
        Assert.StartsWith("damaged bucket/large", output, StringComparison.Ordinal);

        string restored = server.PathOf("restored");
        (code, output, _) = await BackupServer.CommandAsync("backup", "restore", server.Target, "--data", restored, "--without-master-key");
        Assert.Equal(1, code);
        Assert.StartsWith("missing bucket/large", output, StringComparison.Ordinal);
        await BackupServer.OpenAsync(restored, async store => Assert.Equal(Middle, await BackupServer.ReadAsync(store, "middle")));

        File.Delete(blob);
        Assert.Equal("missing", Assert.Single((await server.CreateAsync()).Problems).Kind);
    }

    [Fact]
    public async Task Verification_finds_every_damage_and_names_it()
    {
        await using BackupServer server = await BackupServer.StartAsync();
        await FillAsync(server);
        await server.CreateAsync("\"includeMasterKey\":true");
        await VerifyAsync(server, 0, "the backup is intact");
        string[] blobs = BackupServer.Blobs(server.Target);
        string large = blobs.Single(path => new FileInfo(path).Length > Large.Length), middle = blobs.Single(path => path != large);
        byte[] largeBytes = File.ReadAllBytes(large), middleBytes = File.ReadAllBytes(middle);

        Flip(large, 70_000);
        await VerifyAsync(server, 1, "damaged bucket/large: One block does not match the checksum, from byte 65536 on.");
        File.WriteAllBytes(large, largeBytes[..^1]);
        await VerifyAsync(server, 1, "wrong-length bucket/large");
        File.WriteAllBytes(large, [.. largeBytes, 1]);
        await VerifyAsync(server, 1, "wrong-length bucket/large");
        File.WriteAllBytes(large, largeBytes);
        File.WriteAllBytes(middle, [.. middleBytes.AsSpan(0, 1000), .. new byte[512], .. middleBytes.AsSpan(1512)]);
        await VerifyAsync(server, 1, "damaged bucket/middle");
        File.Delete(middle);
        await VerifyAsync(server, 1, "missing bucket/middle");
        File.WriteAllBytes(middle, middleBytes);

        await VerifyAsync(server, 0, "the backup is intact");
        BackupManifest manifest = server.Jobs.Last!.Manifest!;
        foreach (BackupFile file in manifest.Files.Where(file => file.Length > 0))
        {
            string path = Path.Combine(server.Target, "files", file.Sha256[..2], file.Sha256);
            byte[] before = File.ReadAllBytes(path);
            Flip(path, before.Length / 2);
            await VerifyAsync(server, 1, $"The file {file.Name} does not match its checksum");
            (int code, _, string error) = await BackupServer.CommandAsync("backup", "restore", server.Target, "--data", server.PathOf("x" + Path.GetRandomFileName()));
            Assert.True(code == 1 && error.Length > 0, $"a restore did not notice that {file.Name} is damaged");
            File.Delete(path);
            await VerifyAsync(server, 1, $"The file {file.Name} is missing");
            File.WriteAllBytes(path, before);
        }

        string stored = Path.Combine(server.Target, "backups", manifest.Name);
        Flip(stored, 100);
        await VerifyAsync(server, 1, "");
        (_, string output, _) = await BackupServer.CommandAsync("backup", "list", server.Target);
        Assert.Contains("unreadable", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_master_key_is_inside_only_if_that_was_asked_for()
    {
        await using BackupServer server = await BackupServer.StartAsync();
        await FillAsync(server);
        string key = new('m', 64);
        await server.CreateAsync();
        string restored = server.PathOf("restored");
        (int code, _, string error) = await BackupServer.CommandAsync("backup", "restore", server.Target, "--data", restored);
        Assert.Equal(1, code);
        Assert.Contains("is not in the backup: name its file with --master-key-file", error, StringComparison.Ordinal);
        File.WriteAllText(server.PathOf("wrong"), new string('w', 64));
        (code, _, error) = await BackupServer.CommandAsync("backup", "restore", server.Target, "--data", restored, "--master-key-file", server.PathOf("wrong"));
        Assert.Equal(1, code);
        Assert.Contains("this is not the master key", error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(restored));
        File.WriteAllText(server.PathOf("right"), key + "\n");
        (code, _, error) = await BackupServer.CommandAsync("backup", "restore", server.Target, "--data", restored, "--master-key-file", server.PathOf("right"));
        Assert.Equal((0, ""), (code, error));
        Assert.Equal(key, File.ReadAllText(Path.Combine(restored, "master.key")).Trim());
        Assert.DoesNotContain(Directory.EnumerateFiles(server.Target, "*", SearchOption.AllDirectories), path => File.ReadAllText(path).Contains(key, StringComparison.Ordinal));

        await server.CreateAsync("\"includeMasterKey\":true");
        string other = server.PathOf("other");
        (code, _, error) = await BackupServer.CommandAsync("backup", "restore", server.Target, "--data", other);
        Assert.Equal((0, ""), (code, error));
        Assert.Equal(key, File.ReadAllText(Path.Combine(other, "master.key")).Trim());
    }

    [Fact]
    public async Task No_server_starts_on_a_directory_whose_restore_was_not_finished()
    {
        await using BackupServer server = await BackupServer.StartAsync();
        await FillAsync(server);
        await server.CreateAsync();
        string restored = server.PathOf("restored");
        Directory.CreateDirectory(restored);
        File.WriteAllText(Path.Combine(restored, "x"), "");
        (int code, _, string error) = await BackupServer.CommandAsync("backup", "restore", server.Target, "--data", restored, "--without-master-key");
        Assert.Equal(1, code);
        Assert.Contains("is not empty", error, StringComparison.Ordinal);
        File.Delete(Path.Combine(restored, "x"));

        BackupFile table = server.Jobs.Last!.Manifest!.Files.First(file => file.Name.EndsWith("CURRENT", StringComparison.Ordinal));
        File.Delete(Path.Combine(server.Target, "files", table.Sha256[..2], table.Sha256));
        (code, _, error) = await BackupServer.CommandAsync("backup", "restore", server.Target, "--data", restored, "--without-master-key");
        Assert.Equal(1, code);
        Assert.Contains("CURRENT of the backup is missing", error, StringComparison.Ordinal);
        StartupException refused = Assert.Throws<StartupException>(() => DataDirectory.Open(restored, SystemRandomSource.Instance));
        Assert.Contains("unfinished restore", refused.Message, StringComparison.Ordinal);
        (code, _, error) = await BackupServer.CommandAsync("backup", "restore", server.Target, "--data", restored, "--without-master-key");
        Assert.Contains("unfinished restore", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_deleted_backup_takes_only_what_no_other_needs()
    {
        await using BackupServer server = await BackupServer.StartAsync();
        Bucket bucket = await FillAsync(server);
        string first = (await server.CreateAsync()).Id;
        await server.DeleteAsync(bucket, "large");
        await server.ReclaimAsync();
        await server.PutAsync(bucket, "new", Middle);
        string second = (await server.CreateAsync()).Id;
        Assert.Equal(3, BackupServer.Blobs(server.Target).Length);
        File.WriteAllText(Path.Combine(server.Target, "blobs", "00", new string('0', 32)), "left by a backup that was interrupted");

        string manifest = Path.Combine(server.Target, "backups", second);
        byte[] before = File.ReadAllBytes(manifest);
        Flip(manifest, 10);
        BackupJob job = await server.RunAsync("DELETE", $"/api/backups/{first}?target=daily", null);
        Assert.Equal(BackupState.Failed, job.State);
        Assert.Contains("is damaged", job.Error, StringComparison.Ordinal);
        Assert.Equal(4, BackupServer.Blobs(server.Target).Length);
        File.WriteAllBytes(manifest, before);

        job = await server.RunAsync("DELETE", $"/api/backups/{first}?target=daily", null);
        Assert.Equal((BackupState.Succeeded, null), (job.State, job.Error));
        Assert.Equal(2, BackupServer.Blobs(server.Target).Length);
        Assert.Equal(0, (await BackupServer.CommandAsync("backup", "verify", server.Target)).Code);
        await server.RestoreAsync();
        Assert.Equal(BackupState.Failed, (await server.RunAsync("DELETE", $"/api/backups/{first}?target=daily", null)).State);
    }

    [Fact]
    [SupportedOSPlatform("linux")]
    public async Task Made_disks_are_in_it_with_their_names_permissions_times_and_links()
    {
        await using BackupServer server = await BackupServer.StartAsync();
        await FillAsync(server);
        Disk disk = (await server.Get<DiskCatalog>().CreateAsync("root", "data", StoreFixture.Token))!;
        string tree = disk.RootPath;
        Directory.CreateDirectory(Path.Combine(tree, "a b", "deep"));
        File.WriteAllBytes(Path.Combine(tree, "a b", "deep", "file"), Middle);
        File.WriteAllBytes(Path.Combine(tree, "a b-file"), Small);
        File.WriteAllBytes(Path.Combine(tree, "empty"), []);
        File.CreateSymbolicLink(Path.Combine(tree, "link"), "a b/deep/../../nowhere");
        var time = new DateTime(2020, 2, 3, 4, 5, 6, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(Path.Combine(tree, "empty"), time);
        File.SetUnixFileMode(Path.Combine(tree, "empty"), UnixFileMode.UserRead | UnixFileMode.OtherExecute);
        File.SetUnixFileMode(Path.Combine(tree, "a b", "deep"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Directory.SetLastWriteTimeUtc(Path.Combine(tree, "a b"), time);
        BackupJob first = await server.CreateAsync();
        Assert.Equal((BackupState.Succeeded, 7, 100_100), (first.State, first.Manifest!.DiskFiles, first.Manifest.DiskBytes));

        File.WriteAllBytes(Path.Combine(tree, "new"), Small);
        BackupJob second = await server.CreateAsync();
        Assert.Equal((8, 100_200), (second.Manifest!.DiskFiles, second.Manifest.DiskBytes));
        Assert.InRange(second.Progress.CopiedBytes, 0, 50_000);

        string restored = await server.RestoreAsync();
        string moved = Path.Combine(restored, "disks", disk.Id.Value);
        Assert.Equal(Tree(tree), Tree(moved));
        Assert.Equal(Middle, File.ReadAllBytes(Path.Combine(moved, "a b", "deep", "file")));
        Assert.Equal((time, time), (File.GetLastWriteTimeUtc(Path.Combine(moved, "empty")), Directory.GetLastWriteTimeUtc(Path.Combine(moved, "a b"))));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.OtherExecute, File.GetUnixFileMode(Path.Combine(moved, "empty")));
        Assert.Equal("a b/deep/../../nowhere", new FileInfo(Path.Combine(moved, "link")).LinkTarget);
        await using (RocksDbReader rows = RocksDbReader.Open(Path.Combine(restored, "meta"), new RocksDbOptions()))
        {
            byte[] key = Core.Records.Tables.DiskKey(disk.Id.Value);
            DiskRecord record = DiskRecord.Decode(await rows.GetAsync(key, StoreFixture.Token));
            Assert.Equal((moved, 0), (record.RootPath, record.Mounts.Count));
        }

        // The files that the first backup alone had go with it.
        File.Delete(Path.Combine(tree, "a b-file"));
        File.Delete(Path.Combine(tree, "new"));
        string third = (await server.CreateAsync()).Id;
        int files = Directory.EnumerateFiles(Path.Combine(server.Target, "files"), "*", SearchOption.AllDirectories).Count();
        await server.RunAsync("DELETE", $"/api/backups/{first.Id}?target=daily", null);
        await server.RunAsync("DELETE", $"/api/backups/{second.Id}?target=daily", null);
        Assert.InRange(Directory.EnumerateFiles(Path.Combine(server.Target, "files"), "*", SearchOption.AllDirectories).Count(), 1, files - 1);
        await VerifyAsync(server, 0, "the backup is intact");
        string content = Path.Combine(server.Target, "files", Sha256(Middle)[..2], Sha256(Middle));
        Flip(content, 5);
        await VerifyAsync(server, 1, "The file disks/" + disk.Id.Value + "/a b/deep/file does not match its checksum");
        (int code, string output, _) = await BackupServer.CommandAsync("backup", "restore", server.Target, "--data", server.PathOf("damaged"), "--without-master-key");
        Assert.Equal(1, code);
        Assert.Contains("a b/deep/file does not match", output, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(server.PathOf("damaged"), "disks", disk.Id.Value, "a b", "deep", "file")));
        Assert.NotEmpty(third);
        foreach (string directory in new[] { tree, moved, Path.Combine(server.PathOf("damaged"), "disks", disk.Id.Value) })
        {
            File.SetUnixFileMode(Path.Combine(directory, "a b", "deep"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private static string Sha256(byte[] bytes) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes));

    private static string[] Tree(string directory) =>
        [.. Directory.EnumerateFileSystemEntries(directory, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(directory, path)).Order(StringComparer.Ordinal)];

    private static async Task<Bucket> FillAsync(BackupServer server)
    {
        Bucket bucket = await server.BucketAsync();
        await server.PutAsync(bucket, "small", Small);
        await server.PutAsync(bucket, "middle", Middle);
        await server.PutAsync(bucket, "large", Large);
        return bucket;
    }

    private static async Task VerifyAsync(BackupServer server, int expected, string wanted)
    {
        (int code, string output, string error) = await BackupServer.CommandAsync("backup", "verify", server.Target);
        Assert.True(code == expected, output + error);
        Assert.Contains(wanted, output, StringComparison.Ordinal);
    }

    private static void Flip(string path, int at)
    {
        byte[] bytes = File.ReadAllBytes(path);
        bytes[at] ^= 4;
        File.WriteAllBytes(path, bytes);
    }
}
