using Tarn.Core;
using Tarn.Core.Backups;
using Tarn.Core.Buckets;
using Tarn.Server.Backups;
using Tarn.Server.Configuration;
using Tarn.Server.Storage;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Backups;

/// <summary>Removals and restores that are cut off after any call of the place: other backups are whole, nothing is called complete that is not, and the same work begun again succeeds.</summary>
public sealed class BackupCutTests
{
    private static readonly byte[] Small = StoreFixture.Bytes(100, 1), Middle = StoreFixture.Bytes(100_000, 2);

    [Fact]
    public async Task A_removal_that_is_cut_off_is_shown_harms_no_other_backup_and_can_be_finished()
    {
        await using BackupServer server = await BackupServer.StartAsync();
        (string first, string second) = await TwoAsync(server);
        bool isDone = false;
        for (int last = 0; !isDone; last++)
        {
            Assert.InRange(last, 0, 200);
            string place = server.PathOf($"place{last}");
            BackupServer.CopyDirectory(server.Target, place);
            isDone = await IsDoneAsync(async () =>
            {
                await using var target = new SteppedTarget(DirectoryTarget.Open(place, 0), last);
                Assert.True(await BackupRemoval.RunAsync(target, first, new BackupProgress(), StoreFixture.Token));
            });
            await using (var read = DirectoryTarget.OpenToRead(place, keeps: true))
            {
                Assert.Empty(await BackupReading.VerifyAsync(read, second, new BackupProgress(), StoreFixture.Token));
                BackupReading.Listed[] listed = [.. (await BackupReading.ListAsync(read, StoreFixture.Token)).Where(backup => backup.Name == first)];
                Assert.Equal(isDone ? 0 : 1, listed.Length);
                if (listed is [{ Manifest: not null }])
                {
                    Assert.Empty(await BackupReading.VerifyAsync(read, first, new BackupProgress(), StoreFixture.Token));
                }
            }

            await using var again = DirectoryTarget.Open(place, 0);
            Assert.Equal(!isDone, await BackupRemoval.RunAsync(again, first, new BackupProgress(), StoreFixture.Token));
            Assert.Equal([second], (await BackupReading.ListAsync(again, StoreFixture.Token)).Select(static backup => backup.Name));
            Assert.Single(BackupServer.Blobs(place));
            Directory.Delete(place, recursive: true);
        }
    }

    [Fact]
    public async Task No_server_starts_on_a_restore_that_was_cut_off_and_another_one_succeeds()
    {
        await using BackupServer server = await BackupServer.StartAsync();
        await TwoAsync(server);
        bool isDone = false;
        for (int last = 0; !isDone; last++)
        {
            Assert.InRange(last, 0, 200);
            string restored = server.PathOf($"restored{last}");
            isDone = await IsDoneAsync(async () =>
            {
                await using var target = new SteppedTarget(DirectoryTarget.OpenToRead(server.Target, keeps: true), last);
                BackupManifest manifest = await BackupReading.FindAsync(target, null, StoreFixture.Token);
                Assert.Empty(await RestoreDirectory.RunAsync(target, manifest, restored, null, null, new BackupProgress(), StoreFixture.Token));
            });
            if (!isDone && Directory.Exists(restored))
            {
                Assert.Contains("unfinished restore", Assert.Throws<StartupException>(() => DataDirectory.Open(restored, SystemRandomSource.Instance)).Message, StringComparison.Ordinal);
                Directory.Delete(restored, recursive: true);
            }
        }

        Assert.Equal(0, (await BackupServer.CommandAsync("backup", "verify", server.Target)).Code);
        await BackupServer.OpenAsync(await server.RestoreAsync(), static async store => Assert.Equal(Small, await BackupServer.ReadAsync(store, "small")));
    }

    /// <summary>Two backups, of which each has an object in a blob of its own.</summary>
    private static async Task<(string First, string Second)> TwoAsync(BackupServer server)
    {
        Bucket bucket = await server.BucketAsync();
        await server.PutAsync(bucket, "small", Small);
        await server.PutAsync(bucket, "middle", Middle);
        string first = (await server.CreateAsync()).Id;
        await server.DeleteAsync(bucket, "middle");
        await server.ReclaimAsync();
        await server.PutAsync(bucket, "new", Middle);
        return (first, (await server.CreateAsync()).Id);
    }

    private static async Task<bool> IsDoneAsync(Func<Task> work)
    {
        try
        {
            await work();
            return true;
        }
        catch (SteppedTarget.CutOffException)
        {
            return false;
        }
    }
}
