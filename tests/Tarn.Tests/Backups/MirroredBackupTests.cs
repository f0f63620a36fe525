using Tarn.Core.Buckets;
using Tarn.Server.Backups;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Backups;

/// <summary>Backups of a server with a mirror, which are made of what either side has right.</summary>
public sealed class MirroredBackupTests
{
    private static readonly byte[] Middle = StoreFixture.Bytes(100_000, 2);

    [Theory]
    [InlineData("data", "flipped", false)]
    [InlineData("data", "cut", false)]
    [InlineData("data", "missing", false)]
    [InlineData("mirror", "flipped", false)]
    [InlineData("data", "flipped", true)]
    [InlineData("data", "missing", true)]
    [InlineData("mirror", "flipped", true)]
    public async Task What_one_side_has_right_is_backed_up(string side, string damage, bool sameDevice)
    {
        await using BackupServer server = await BackupServer.StartMirroredAsync();
        Bucket bucket = await server.BucketAsync();
        await server.PutAsync(bucket, "middle", Middle);
        string damaged = Assert.Single(BackupServer.Blobs(server.PathOf(side)));
        byte[] stored = await File.ReadAllBytesAsync(damaged, StoreFixture.Token);
        if (damage == "missing")
        {
            File.Delete(damaged);
        }
        else
        {
            byte[] wrong = damage == "cut" ? stored[..70_000] : [.. stored];
            wrong[50_000] ^= 1;
            await File.WriteAllBytesAsync(damaged, wrong, StoreFixture.Token);
        }

        BackupJob job = await server.CreateAsync(sameDevice ? "\"sameDevice\":true" : "");
        Assert.Equal((BackupState.Succeeded, 1), (job.State, job.Manifest!.Blobs));
        Assert.Empty(job.Problems);
        Assert.Equal(stored, await File.ReadAllBytesAsync(Assert.Single(BackupServer.Blobs(server.Target)), StoreFixture.Token));
        Assert.Equal(stored, await File.ReadAllBytesAsync(Assert.Single(server.BlobFiles()), StoreFixture.Token));
        if (sameDevice && damage != "missing")
        {
            // What was read from the other side is not where the links go.
            Assert.Equal(0, job.Manifest.CopiedBytes);
        }

        Assert.Equal(0, (await BackupServer.CommandAsync("backup", "verify", server.Target)).Code);
        await BackupServer.OpenAsync(await server.RestoreAsync(), static async store => Assert.Equal(Middle, await BackupServer.ReadAsync(store, "middle")));
    }
}
