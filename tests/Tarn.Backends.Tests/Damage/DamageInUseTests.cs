using Tarn.Backends.RocksDb;
using Tarn.Backends.RocksDb.Interop;
using Tarn.Core.KeyValue;

namespace Tarn.Backends.Tests.Damage;

/// <summary>Damage to the files of a store that is open: what needs the damaged rows fails and says so, and everything else goes on.</summary>
public sealed class DamageInUseTests : StoreImageTests
{
    public static TheoryData<string, FileDamage> Cases()
    {
        TheoryData<string, FileDamage> cases = [];
        foreach (FileDamage damage in Enum.GetValues<FileDamage>())
        {
            cases.Add("*.sst", damage);
            cases.Add("*.blob", damage);
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Reads_of_damaged_rows_fail_and_others_do_not(string pattern, FileDamage damage)
    {
        List<StoreDamagedException> reported = [];
        await using RocksDbKeyValueStore store = Open(new RocksDbOptions { Damaged = reported.Add });
        string path = StoreImage.Files(Copy.FullPath, pattern)[0];
        damage.Apply(path, Image.Other(Copy.FullPath, pattern), 0.25);
        int damaged = await StoreImage.CountDamagedAsync(store);

        // Tables are open already: nothing reads what follows the end, and they stay readable when the name is gone.
        Assert.Equal(pattern == "*.blob" || damage is not (FileDamage.Appended or FileDamage.Deleted), damaged > 0);
        Assert.InRange(damaged, 0, StoreImage.Rows - StoreImage.RowsPerGeneration);
        Assert.Equal(damaged, reported.Count);
        Assert.All(reported, damage => Assert.Matches(StoreImage.PlaceIn(path), damage.Message));

        // It is no failed write: writes go on.
        Assert.True(await store.CommitAsync(new KeyValueBatch().Put([1], [1]), CancellationToken.None));
    }

    [Fact]
    public async Task Of_commits_at_one_time_only_those_that_check_a_damaged_row_fail()
    {
        await using RocksDbKeyValueStore store = Open(new RocksDbOptions());
        FileDamage.Zeroed.Apply(StoreImage.Files(Copy.FullPath, "*.blob")[0], "", 0.5);
        Task<bool>[] commits =
        [
            .. Enumerable.Range(0, StoreImage.Rows).Select(i => store.CommitAsync(
                new KeyValueBatch().Check(StoreImage.Key(i), StoreImage.Value(i)).Put([1, (byte)i], [1]), CancellationToken.None).AsTask()),
        ];
        await Task.WhenAll(commits).ContinueWith(_ => { }, TaskScheduler.Default);
        int failed = commits.Count(commit => commit.Exception?.InnerException is StoreDamagedException);
        Assert.InRange(failed, 1, 3);
        Assert.Equal(commits.Length - failed, commits.Count(commit => commit.IsCompletedSuccessfully && commit.Result));
        for (int i = 0; i < commits.Length; i++)
        {
            Assert.Equal(commits[i].IsCompletedSuccessfully, await store.GetAsync([1, (byte)i], CancellationToken.None) is not null);
        }
    }

    [Fact]
    public async Task A_scan_that_meets_damage_fails_instead_of_ending_early()
    {
        await using RocksDbKeyValueStore store = Open(new RocksDbOptions());
        FileDamage.Zeroed.Apply(StoreImage.Files(Copy.FullPath, "*.sst")[0], "", 0.25);
        foreach (bool reverse in (bool[])[false, true])
        {
            await Assert.ThrowsAsync<StoreDamagedException>(async () => await store.ScanAsync([7], [8], 1000, reverse, CancellationToken.None));
            await using IKeyValueSnapshot snapshot = await store.OpenSnapshotAsync(CancellationToken.None);
            await Assert.ThrowsAsync<StoreDamagedException>(async () => await snapshot.ScanAsync([7], [8], 1000, reverse, CancellationToken.None));
        }
    }

    [Fact]
    public async Task After_a_compaction_met_damage_writes_are_refused_and_reads_go_on()
    {
        TaskCompletionSource<Exception> failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        RocksDbOptions options = new() { WriteBufferBytes = 64 << 10, Failed = e => failed.TrySetResult(e) };
        await using RocksDbKeyValueStore store = Open(options);
        FileDamage.Zeroed.Apply(StoreImage.Files(Copy.FullPath, "*.sst")[0], "", 0.25);
        StoreFailedException? refused = null;
        for (int i = 0; i < 10_000 && refused is null; i++)
        {
            try
            {
                await store.CommitAsync(new KeyValueBatch().Put(StoreImage.Key(i % StoreImage.Rows), StoreImage.Value(i % StoreImage.Rows)), CancellationToken.None);
                await store.CheckBackgroundAsync();
            }
            catch (StoreFailedException e)
            {
                refused = e;
            }
        }

        Assert.NotNull(refused);
        Assert.Contains("Corruption", (await failed.Task).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StoreFailedException>(async () => await store.CommitAsync(new KeyValueBatch().Put([1], [1]), CancellationToken.None));
        await StoreImage.CountDamagedAsync(store);
    }

    private RocksDbKeyValueStore Open(RocksDbOptions options) => RocksDbKeyValueStore.Open(Copy.FullPath, options with { ReserveBytes = 0 });
}
