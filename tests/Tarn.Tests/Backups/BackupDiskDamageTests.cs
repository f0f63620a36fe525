using System.Runtime.Versioning;
using Tarn.Core.Backups;
using Tarn.Core.Buckets;
using Tarn.Core.Disks.Catalog;
using Tarn.Server.Backups;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Backups;

/// <summary>Made disks with what a backup cannot have, and backups of disks that are damaged: the rest is saved.</summary>
[SupportedOSPlatform("linux")]
public sealed class BackupDiskDamageTests
{
    private static readonly byte[] Content = StoreFixture.Bytes(100_000, 2);

    [Fact]
    public async Task No_file_comes_back_that_runs_as_its_new_owner()
    {
        await using BackupServer server = await BackupServer.StartAsync();
        Disk disk = await DiskAsync(server);
        File.SetUnixFileMode(Path.Combine(disk.RootPath, "file"), (UnixFileMode)0b111_101_101 | UnixFileMode.SetUser | UnixFileMode.SetGroup);
        await server.CreateAsync();
        string restored = Path.Combine(await server.RestoreAsync(), "disks", disk.Id.Value);
        Assert.Equal((UnixFileMode)0b111_101_101, File.GetUnixFileMode(Path.Combine(restored, "file")));
    }

    [Fact]
    public async Task A_disk_whose_directory_is_gone_makes_the_backup_damaged()
    {
        await using BackupServer server = await BackupServer.StartAsync();
        Disk disk = await DiskAsync(server);
        Directory.Delete(disk.RootPath, recursive: true);
        BackupJob job = await server.CreateAsync();
        Assert.Equal((BackupState.Damaged, "missing"), (job.State, Assert.Single(job.Problems).Kind));
        Directory.Delete(Path.GetDirectoryName(disk.RootPath)!);
        Assert.Equal(BackupState.Damaged, (await server.CreateAsync()).State);
    }

    [Fact]
    public async Task A_file_that_the_place_cannot_take_does_not_end_the_backup()
    {
        await using BackupServer server = await BackupServer.StartAsync();
        Disk disk = await DiskAsync(server);
        await using (FileStream sparse = File.Create(Path.Combine(disk.RootPath, "sparse")))
        {
            sparse.SetLength(8L << 40);
        }

        BackupJob job = await server.CreateAsync();
        Assert.Equal((BackupState.Damaged, null), (job.State, job.Error));
        Assert.Contains("has no room for its 8796093022208 bytes", Assert.Single(job.Problems).Detail, StringComparison.Ordinal);
        Assert.Equal(2, job.Manifest!.DiskFiles);
    }

    [Fact]
    public async Task Objects_are_restored_although_the_list_of_the_disks_is_damaged()
    {
        await using BackupServer server = await BackupServer.StartAsync();
        await DiskAsync(server);
        Bucket bucket = await server.BucketAsync();
        await server.PutAsync(bucket, "object", Content);
        await server.CreateAsync();
        BackupFile list = server.Jobs.Last!.Manifest!.File(BackupManifest.DiskListName)!;
        string path = Path.Combine(server.Target, "files", list.Sha256[..2], list.Sha256);
        byte[] bytes = File.ReadAllBytes(path);
        bytes[50] ^= 1;
        File.WriteAllBytes(path, bytes);
        string restored = server.PathOf("restored");
        (int code, string output, _) = await BackupServer.CommandAsync("backup", "restore", server.Target, "--data", restored, "--without-master-key");
        Assert.Equal(1, code);
        Assert.Contains("The files of made disks are not restored", output, StringComparison.Ordinal);
        await BackupServer.OpenAsync(restored, async store => Assert.Equal(Content, await BackupServer.ReadAsync(store, "object")));
    }

    private static async Task<Disk> DiskAsync(BackupServer server)
    {
        Disk disk = (await server.Get<DiskCatalog>().CreateAsync("root", "data", StoreFixture.Token))!;
        File.WriteAllBytes(Path.Combine(disk.RootPath, "file"), Content);
        return disk;
    }
}
