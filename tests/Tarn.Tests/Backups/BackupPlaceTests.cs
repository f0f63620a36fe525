using System.Runtime.Versioning;
using System.Text.Json;
using Tarn.Core.Backups;
using Tarn.Core.Blobs;
using Tarn.Core.Buckets;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Disks.Linux;
using Tarn.Core.Files;
using Tarn.Server.Backups;
using Tarn.Server.Cli.Backups;
using Tarn.Server.Configuration;
using Tarn.TestKit.Hosting;
using Tarn.TestKit.Servers;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Backups;

/// <summary>Directories with backups: where they may be, who may use them at once, and what they do not follow.</summary>
[SupportedOSPlatform("linux")]
public sealed class BackupPlaceTests
{
    private static readonly byte[] Middle = StoreFixture.Bytes(100_000, 2);

    [Theory]
    [InlineData("data/backups", "data", "disks")]
    [InlineData("data", "data", "disks")]
    [InlineData("all", "all/data", "disks")]
    [InlineData("disks/backups", "data", "disks")]
    [InlineData("all", "data", "all/disks")]
    [InlineData("link/backups", "data", "disks")]
    [InlineData("mirror/backups", "data", "disks")]
    public void No_server_starts_with_backups_in_its_data_or_its_disks_or_the_other_way_round(string root, string data, string disks)
    {
        using var temporary = new TemporaryDirectory("backup");
        Directory.CreateDirectory(temporary.PathOf("data"));
        Directory.CreateSymbolicLink(temporary.PathOf("link"), temporary.PathOf("data"));
        StartupException refused = Assert.Throws<StartupException>(() => BackupPlaces.ThrowIfMisplaced(Options(temporary, root, data, disks)));
        Assert.StartsWith("--backup-root: ", refused.Message, StringComparison.Ordinal);
        Assert.Contains("or lies inside it", refused.Message, StringComparison.Ordinal);
        BackupPlaces.ThrowIfMisplaced(Options(temporary, "data-backups", data, disks));
    }

    [Fact]
    public async Task Nothing_is_removed_while_a_backup_is_read_nor_read_while_one_is_removed()
    {
        await using BackupServer server = await BackupServer.StartAsync();
        string name = await FillAsync(server);
        await using (DirectoryTarget.OpenToRead(server.Target, keeps: true))
        await using (DirectoryTarget.OpenToRead(server.Target, keeps: true))
        {
            BackupJob job = await server.RunAsync("DELETE", $"/api/backups/{name}?target=daily", null);
            Assert.Equal((BackupState.Failed, $"another process verifies or restores a backup in {server.Target}"), (job.State, job.Error));
            Assert.Equal(BackupState.Succeeded, (await server.CreateAsync()).State);
        }

        await using (DirectoryTarget target = DirectoryTarget.Open(server.Target, 0))
        {
            Assert.True(target.TryLockOutReaders(out IDisposable? alone));
            using IDisposable? held = alone;
            foreach (string[] command in new[] { ["backup", "verify", server.Target], new[] { "backup", "restore", server.Target, "--data", server.PathOf("new"), "--without-master-key" } })
            {
                (int code, _, string error) = await BackupServer.CommandAsync(command);
                Assert.Equal(1, code);
                Assert.Contains($"a backup in {server.Target} is being removed", error, StringComparison.Ordinal);
            }

            Assert.Equal(0, (await BackupServer.CommandAsync("backup", "list", server.Target)).Code);
        }

        Assert.Equal(BackupState.Succeeded, (await server.RunAsync("DELETE", $"/api/backups/{name}?target=daily", null)).State);
    }

    [Fact]
    public async Task No_link_in_a_place_is_followed()
    {
        await using BackupServer server = await BackupServer.StartAsync();
        string name = await FillAsync(server);
        string file = PathOf(server.Jobs.Last!.Manifest!.Files[0]);
        string Blob() => Path.GetRelativePath(server.Target, BackupServer.Blobs(server.Target)[0]);
        (Func<string> Path, BackupState Removal)[] all =
        [
            .. new[] { "files", "backups", "blobs", "tmp", "unfinished", "lock", "readers", "tarn-backups" }.Select(static fixedName => ((Func<string>)(() => fixedName), BackupState.Failed)),
            (() => Path.GetDirectoryName(file)!, BackupState.Failed),
            (() => Path.GetDirectoryName(Blob())!, BackupState.Failed),

            // A link that is removed with its backup is not followed either.
            (() => file, BackupState.Succeeded),
            (Blob, BackupState.Succeeded),
            (() => Path.Combine("backups", name), BackupState.Succeeded),
        ];
        foreach ((Func<string> one, BackupState removal) in all)
        {
            string linked = one();
            string path = Path.Combine(server.Target, linked), outside = server.PathOf("outside");
            if (Directory.Exists(path))
            {
                Directory.Move(path, outside);
                Directory.CreateSymbolicLink(path, outside);
            }
            else
            {
                File.Move(path, outside);
                File.CreateSymbolicLink(path, outside);
            }

            string[] before = Everything(outside);
            (int code, string output, string error) = await BackupServer.CommandAsync("backup", "verify", server.Target);
            Assert.True(code == 1 && (output + error).Contains($"{path} is a symbolic link", StringComparison.Ordinal), $"{linked}: {output} {error}");
            Assert.Equal((linked, removal), (linked, (await server.RunAsync("DELETE", $"/api/backups/{name}?target=daily", null)).State));
            Assert.Equal(before, Everything(outside));
            Assert.Equal(removal == BackupState.Failed, Path.Exists(path));

            File.Delete(path);
            Directory.Move(outside, path);
            if (!File.Exists(Path.Combine(server.Target, "backups", name)))
            {
                Directory.Delete(server.Target, recursive: true);
                BackupJob made = await server.CreateAsync();
                (name, file) = (made.Id, PathOf(made.Manifest!.Files[0]));
            }
        }
    }

    [Theory]
    [InlineData("blobs/ab/cd", "abcd0000000000000000000000000001", true)]
    [InlineData("files/ab/cd", "abcd000000000000000000000000000100000000000000000000000000000000", false)]
    [InlineData("files/ab/ef", ".nfs0001", false)]
    public async Task No_link_in_the_directories_below_is_followed_either(string link, string file, bool isRefused)
    {
        await using BackupServer server = await BackupServer.StartAsync();
        string name = await FillAsync(server);
        string outside = Directory.CreateDirectory(server.PathOf("outside")).FullName, path = Path.Combine(server.Target, link);
        File.WriteAllText(Path.Combine(outside, file), "mine");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        Directory.CreateSymbolicLink(path, outside);
        foreach ((string method, string at, string? body) in new[] { ("POST", "/api/backups", """{"target":"daily"}"""), ("DELETE", $"/api/backups/{name}?target=daily", null) })
        {
            server.Clock.Advance(TimeSpan.FromMilliseconds(1));
            BackupJob job = await server.RunAsync(method, at, body);
            Assert.Equal((isRefused ? BackupState.Failed : BackupState.Succeeded, isRefused ? $"{path} is a symbolic link, to {outside}: a place of backups has none" : null), (job.State, job.Error));
        }

        Assert.Equal("mine", File.ReadAllText(Path.Combine(outside, file)));
        Assert.NotNull(new DirectoryInfo(path).LinkTarget);
    }

    [Fact]
    public async Task What_is_in_a_place_by_chance_does_not_keep_a_backup_from_being_removed()
    {
        await using BackupServer server = await BackupServer.StartAsync();
        string name = await FillAsync(server);
        string files = Path.Combine(server.Target, "files"), stray = Path.Combine(files, ".DS_Store"), other = Path.Combine(Directory.EnumerateDirectories(files).First(), ".nfs0001");
        File.WriteAllText(stray, "mine");
        File.WriteAllText(other, "mine");
        BackupJob job = await server.RunAsync("DELETE", $"/api/backups/{name}?target=daily", null);
        Assert.Equal((BackupState.Succeeded, null), (job.State, job.Error));
        Assert.Equal(new[] { stray, other }.Order(StringComparer.Ordinal), Directory.EnumerateFiles(files, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task No_place_is_made_inside_another()
    {
        await using BackupServer server = await BackupServer.StartAsync();
        Assert.Equal(BackupState.Succeeded, (await server.RunAsync("POST", "/api/backups", """{"target":"."}""")).State);
        foreach (string inside in new[] { "tmp", "tmp/deep", "daily" })
        {
            server.Clock.Advance(TimeSpan.FromMilliseconds(1));
            BackupJob job = await server.RunAsync("POST", "/api/backups", $$"""{"target":"{{inside}}"}""");
            Assert.Equal((BackupState.Failed, $"{Path.Combine(server.Root, inside)} is inside the backups in {server.Root}"), (job.State, job.Error));
            Assert.False(File.Exists(Path.Combine(server.Root, inside, "tarn-backups")));
        }
    }

    [Fact]
    public async Task On_the_device_of_the_data_a_backup_can_be_links_which_outlive_what_is_deleted()
    {
        await using BackupServer server = await BackupServer.StartAsync();
        Bucket bucket = await server.BucketAsync();
        await server.PutAsync(bucket, "middle", Middle);
        BackupJob job = await server.CreateAsync("\"sameDevice\":true");
        Assert.Equal((BackupState.Succeeded, 1, 0), (job.State, job.Manifest!.Blobs, job.Manifest.CopiedBytes));
        string blob = Assert.Single(BackupServer.Blobs(server.Target));
        using (var one = File.OpenHandle(blob))
        using (var other = File.OpenHandle(Assert.Single(server.BlobFiles())))
        {
            Assert.Equal(Identity(other), Identity(one));
        }

        await server.DeleteAsync(bucket, "middle");
        await server.ReclaimAsync();
        Assert.Empty(server.BlobFiles());
        Assert.Equal(0, (await BackupServer.CommandAsync("backup", "verify", server.Target)).Code);
        await BackupServer.OpenAsync(await server.RestoreAsync(), static async store => Assert.Equal(Middle, await BackupServer.ReadAsync(store, "middle")));

        // Damage to one would be damage to both, so what is damaged is not linked.
        await server.PutAsync(bucket, "rotten", Middle);
        string rotten = Assert.Single(server.BlobFiles());
        using (var file = new FileStream(rotten, FileMode.Open, FileAccess.ReadWrite))
        {
            file.Position = 70_000;
            file.WriteByte((byte)~Middle[70_000]);
        }

        Assert.Equal(("damaged", "rotten"), (Assert.Single((await server.CreateAsync("\"sameDevice\":true")).Problems).Kind, server.Jobs.Last!.Problems[0].Key));
        Assert.False(File.Exists(Path.Combine(server.Target, "blobs", Path.GetFileName(rotten)[..2], Path.GetFileName(rotten))));
    }

    [Fact]
    public async Task Holes_of_files_stay_holes_in_the_backup_and_in_what_is_restored()
    {
        await using BackupServer server = await BackupServer.StartAsync();
        Disk disk = await DiskAsync(server);
        string sparse = Path.Combine(disk.RootPath, "sparse");
        await using (FileStream file = File.Create(sparse))
        {
            file.Position = 20 << 20;
            file.Write(Middle);
            file.Position = 40 << 20;
            file.Write(Middle);
            file.SetLength((64 << 20) + 5);
        }

        BackupJob job = await server.CreateAsync();
        Assert.Equal((BackupState.Succeeded, null), (job.State, job.Error));
        string copy = Directory.EnumerateFiles(Path.Combine(server.Target, "files"), "*", SearchOption.AllDirectories).MaxBy(static path => new FileInfo(path).Length)!;
        string restored = Path.Combine(await server.RestoreAsync(), "disks", disk.Id.Value, "sparse");
        foreach (string path in new[] { copy, restored })
        {
            using var handle = File.OpenHandle(path);
            Assert.Equal((64 << 20) + 5, RandomAccess.GetLength(handle));
            Assert.InRange(FileAllocation.Of(handle), 200_000, 1 << 20);
            byte[] bytes = new byte[Middle.Length];
            RandomAccess.Read(handle, bytes, 40 << 20);
            Assert.Equal(Middle, bytes);
        }
    }

    [Fact]
    public async Task A_file_of_a_disk_that_cannot_be_opened_costs_that_file()
    {
        await using BackupServer server = await BackupServer.StartAsync();
        Disk disk = await DiskAsync(server);
        await File.WriteAllBytesAsync(Path.Combine(disk.RootPath, "a"), Middle, StoreFixture.Token);
        await File.WriteAllBytesAsync(Path.Combine(disk.RootPath, "b"), [.. Middle, 1], StoreFixture.Token);
        Assert.Equal(BackupState.Succeeded, (await server.CreateAsync()).State);
        string linked = Directory.EnumerateFiles(Path.Combine(server.Target, "files"), "*", SearchOption.AllDirectories).Single(static path => new FileInfo(path).Length == Middle.Length);
        File.Move(linked, server.PathOf("outside"));
        File.CreateSymbolicLink(linked, server.PathOf("outside"));
        string restored = server.PathOf("restored");
        (int code, string output, string error) = await BackupServer.CommandAsync("backup", "restore", server.Target, "--data", restored, "--without-master-key");
        Assert.Equal(1, code);
        Assert.Contains($"{linked} is a symbolic link", output + error, StringComparison.Ordinal);
        Assert.Equal([.. Middle, 1], await File.ReadAllBytesAsync(Path.Combine(restored, "disks", disk.Id.Value, "b"), StoreFixture.Token));
        Assert.False(File.Exists(Path.Combine(restored, "disks", disk.Id.Value, "a")));
    }

    [Fact]
    public async Task A_place_that_is_full_ends_a_backup_of_disks()
    {
        using var temporary = new TemporaryDirectory("backup");
        string disks = Directory.CreateDirectory(temporary.PathOf("disks")).FullName;
        await File.WriteAllBytesAsync(Path.Combine(disks, "a"), Middle, StoreFixture.Token);
        await using DirectoryTarget target = DirectoryTarget.Open(temporary.PathOf("place"), 1L << 60);
        await Assert.ThrowsAsync<StorageFullException>(async () => await TreeCopy.RunAsync(disks, target, null, temporary.PathOf("list"), new BackupProgress(), StoreFixture.Token));
    }

    [Fact]
    public async Task What_a_backup_of_disks_cannot_have_is_noted_in_the_job()
    {
        await using BackupServer server = await BackupServer.StartAsync();
        Disk disk = await DiskAsync(server);
        using (var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified))
        {
            socket.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(Path.Combine(disk.RootPath, "s")));
            Assert.Equal(BackupState.Succeeded, (await server.CreateAsync()).State);
        }

        JsonElement job = await server.DataAsync("GET", "/api/backups/job");
        string notice = Assert.Single(job.GetProperty("notices").EnumerateArray()).GetString()!;
        Assert.Contains("it is neither a file nor a directory nor a link", notice, StringComparison.Ordinal);
        Assert.Contains($"note: {notice}\n", BackupWait.Text(BackupWait.Read(job)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"withoutDisks\":true")]
    [InlineData("\"metadataOnly\":true")]
    public async Task A_restore_says_which_made_disks_a_backup_without_them_lacks(string options)
    {
        await using BackupServer server = await BackupServer.StartAsync();
        Disk disk = await DiskAsync(server);
        File.WriteAllBytes(Path.Combine(disk.RootPath, "file"), Middle);
        BackupJob job = await server.CreateAsync(options);
        Assert.Equal((BackupState.Succeeded, 0), (job.State, job.Manifest!.DiskFiles));
        string restored = server.PathOf("restored");
        (int code, string output, _) = await BackupServer.CommandAsync("backup", "restore", server.Target, "--data", restored, "--without-master-key", "--allow-missing");
        Assert.Equal(1, code);
        Assert.Contains($"missing: The directory {Path.Combine(restored, "disks", disk.Id.Value)} of a made disk is missing", output, StringComparison.Ordinal);
    }

    private static FileIdentity Identity(Microsoft.Win32.SafeHandles.SafeFileHandle file)
    {
        Assert.Equal(0, LinuxFiles.Stat(file, out FileStat stat));
        return stat.Identity;
    }

    private static string PathOf(BackupFile file) => Path.Combine("files", file.Sha256[..2], file.Sha256);

    private static ServerOptions Options(TemporaryDirectory temporary, string root, string data, string disks) => InProcessServer.Options with
    {
        BackupRoots = [temporary.PathOf(root), "s3://backups"], Data = temporary.PathOf(data), Mirror = temporary.PathOf("mirror"), DiskRoots = [new DiskRoot(temporary.PathOf(disks), null)],
    };

    private static string[] Everything(string path) =>
        Directory.Exists(path) ? [.. Directory.EnumerateFileSystemEntries(path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)] : [Convert.ToHexString(File.ReadAllBytes(path))];

    private static async Task<Disk> DiskAsync(BackupServer server) => (await server.Get<DiskCatalog>().CreateAsync("root", "data", StoreFixture.Token))!;

    private static async Task<string> FillAsync(BackupServer server)
    {
        Bucket bucket = await server.BucketAsync();
        await server.PutAsync(bucket, "middle", Middle);
        return (await server.CreateAsync()).Id;
    }
}
