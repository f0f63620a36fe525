using Tarn.Backends.RocksDb;
using Tarn.Backends.RocksDb.Interop;
using Tarn.Core.KeyValue;
using Tarn.TestKit.Servers;

namespace Tarn.Backends.Tests.Damage;

/// <summary>Verification of all files, of an open store and of one that nobody has open.</summary>
public sealed class VerificationTests : StoreImageTests
{
    public static TheoryData<string, FileDamage> Cases()
    {
        TheoryData<string, FileDamage> cases = [];
        foreach (FileDamage damage in Enum.GetValues<FileDamage>())
        {
            foreach (string pattern in (string[])["*.sst", "*.blob", "*.log", "MANIFEST-*", "CURRENT"])
            {
                cases.Add(pattern, damage);
            }
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task In_an_open_store_it_finds_every_damage_and_names_the_file(string pattern, FileDamage damage)
    {
        double[] places = damage is FileDamage.Bit or FileDamage.Zeroed ? [0, 0.3, 0.7, 1] : [0.5];
        foreach (double at in places)
        {
            using TemporaryDirectory copy = Image.Clone();
            await using RocksDbKeyValueStore store = RocksDbKeyValueStore.Open(copy.FullPath, new RocksDbOptions { ReserveBytes = 0 });
            for (int i = 0; i < StoreImage.Rows; i += 2)
            {
                await store.CommitAsync(new KeyValueBatch().Put([9, (byte)i], StoreImage.Value(i)), CancellationToken.None);
            }

            Assert.Empty((await store.VerifyAsync(null, CancellationToken.None)).Damage);
            string path = StoreImage.Files(copy.FullPath, pattern)[^1];
            string other = pattern is "*.sst" or "*.blob" ? StoreImage.Files(copy.FullPath, pattern)[0] : Image.Other(copy.FullPath, pattern);
            damage.Apply(path, other, at);
            StoreVerification result = await store.VerifyAsync(null, CancellationToken.None);

            // Zeros over what was zero already change nothing; what follows a log's end is what a write in progress looks like, and is left out by a start.
            if (damage == FileDamage.Appended && pattern == "*.log")
            {
                continue;
            }

            Assert.Contains(result.Damage, found => found.File == Path.GetFileName(path));
            Assert.Single(result.Damage.Select(static found => found.File).Distinct());
        }
    }

    [Theory]
    [InlineData("*.sst")]
    [InlineData("*.blob")]
    public async Task Offline_it_finds_what_a_start_does_not_read_and_changes_nothing(string pattern)
    {
        FileDamage.Bit.Apply(StoreImage.Files(Copy.FullPath, pattern)[0], "", 0.6);
        string[] before = CrashImage.Contents(Copy.FullPath);
        await using RocksDbReader reader = RocksDbReader.Open(Copy.FullPath, new RocksDbOptions());
        StoreDamage damage = Assert.Single((await reader.VerifyAsync(null, CancellationToken.None)).Damage);
        Assert.Equal(Path.GetFileName(StoreImage.Files(Copy.FullPath, pattern)[0]), damage.File);
        Assert.Equal(StoreDamageKind.Checksum, damage.Kind);
        Assert.Equal(before, CrashImage.Contents(Copy.FullPath));
    }

    [Fact]
    public async Task Offline_an_incomplete_end_that_a_crash_leaves_is_no_damage()
    {
        FileDamage.Appended.Apply(StoreImage.Files(Copy.FullPath, "*.log")[^1], "");
        FileDamage.Appended.Apply(StoreImage.Files(Copy.FullPath, "MANIFEST-*")[^1], "");
        await using RocksDbReader reader = RocksDbReader.Open(Copy.FullPath, new RocksDbOptions());
        Assert.Empty((await reader.VerifyAsync(null, CancellationToken.None)).Damage);
        Assert.Equal(0, await StoreImage.CountDamagedAsync(reader));
    }

    [Fact]
    public async Task Offline_a_store_that_would_lose_writes_or_is_not_there_is_refused()
    {
        Assert.Throws<StoreDamagedException>(() => RocksDbReader.Open(Path.Combine(Copy.FullPath, "none"), new RocksDbOptions()));
        using TemporaryDirectory empty = new();
        Assert.Throws<StoreDamagedException>(() => RocksDbReader.Open(empty.FullPath, new RocksDbOptions()));
        Assert.Empty(Directory.GetFileSystemEntries(empty.FullPath));
        FileDamage.Zeroed.Apply(StoreImage.Files(Copy.FullPath, "*.log")[^1], "", 0.3);
        Assert.Throws<StoreDamagedException>(() => RocksDbReader.Open(Copy.FullPath, new RocksDbOptions()));
        await Task.CompletedTask;
    }

    [Fact]
    public async Task Files_without_recorded_checksums_are_verified_by_their_rows()
    {
        using TemporaryDirectory old = new();
        RocksDbOptions options = new() { ReserveBytes = 0, Checks = RocksDbChecks.None };
        await using (RocksDbKeyValueStore store = RocksDbKeyValueStore.Open(old.FullPath, options))
        {
            for (int i = 0; i < StoreImage.Rows; i++)
            {
                await store.CommitAsync(new KeyValueBatch().Put(StoreImage.Key(i), StoreImage.Value(i)), CancellationToken.None);
            }
        }

        foreach (string pattern in (string[])["*.sst", "*.blob"])
        {
            await using RocksDbKeyValueStore store = RocksDbKeyValueStore.Open(old.FullPath, new RocksDbOptions { ReserveBytes = 0 });
            StoreVerification whole = await store.VerifyAsync(null, CancellationToken.None);
            Assert.Empty(whole.Damage);
            string path = StoreImage.Files(old.FullPath, pattern)[0];
            FileDamage.Bit.Apply(path, "", 0.4);
            StoreDamage damage = Assert.Single((await store.VerifyAsync(null, CancellationToken.None)).Damage);
            Assert.Equal(StoreDamageKind.Checksum, damage.Kind);
            FileDamage.Bit.Apply(path, "", 0.4);
        }
    }

    [Fact]
    public async Task It_reports_progress_waits_in_it_and_ends_when_cancelled()
    {
        await using RocksDbKeyValueStore store = RocksDbKeyValueStore.Open(Copy.FullPath, new RocksDbOptions { ReserveBytes = 0 });
        List<VerificationProgress> all = [];
        StoreVerification whole = await store.VerifyAsync(
            (progress, _) =>
            {
                all.Add(progress);
                return default;
            },
            CancellationToken.None);
        Assert.Equal(whole.Bytes, all[^1].DoneBytes);
        Assert.Equal(whole.Files, all.Select(static progress => progress.File).Distinct().Count());
        Assert.All(all.Zip(all.Skip(1)), pair => Assert.True(pair.First.DoneBytes <= pair.Second.DoneBytes));
        Assert.All(all, progress => Assert.InRange(progress.DoneBytes, 0, progress.TotalBytes));

        using CancellationTokenSource cancelled = new();
        int calls = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await store.VerifyAsync(
            async (_, token) =>
            {
                calls++;
                await cancelled.CancelAsync();
                await Task.Yield();
            },
            cancelled.Token));
        Assert.Equal(1, calls);
    }

    [Fact]
    public async Task A_flush_after_the_manifest_was_read_is_no_damage()
    {
        await using RocksDbKeyValueStore store = RocksDbKeyValueStore.Open(Copy.FullPath, new RocksDbOptions { ReserveBytes = 0, WriteBufferBytes = 64 << 10 });
        await store.CommitAsync(new KeyValueBatch().Put([9], StoreImage.Value(1)), CancellationToken.None);
        StoreVerification verified = await store.VerifyAsync(
            async (progress, cancellationToken) =>
            {
                if (progress.File.StartsWith("MANIFEST", StringComparison.Ordinal))
                {
                    // Until each log that was read is in tables and removed.
                    string[] logs = Directory.GetFiles(Copy.FullPath, "*.log");
                    for (int i = 0; i < 100_000 && logs.Any(File.Exists); i++)
                    {
                        await store.CommitAsync(new KeyValueBatch().Put([9, (byte)i], StoreImage.Value(i)), cancellationToken);
                    }

                    Assert.DoesNotContain(logs, File.Exists);
                }
            },
            CancellationToken.None);
        Assert.Empty(verified.Damage);
    }

    [Fact]
    public async Task While_rows_are_written_and_tables_compacted_nothing_is_reported()
    {
        await using RocksDbKeyValueStore store = RocksDbKeyValueStore.Open(Copy.FullPath, new RocksDbOptions { ReserveBytes = 0, WriteBufferBytes = 64 << 10 });
        using CancellationTokenSource end = new();
        Task writer = Task.Run(async () =>
        {
            for (int i = 0; !end.IsCancellationRequested; i++)
            {
                await store.CommitAsync(new KeyValueBatch().Put([9, (byte)i], StoreImage.Value(i)).Put([9, (byte)(i * 7)], [1]), CancellationToken.None);
            }
        });
        for (int i = 0; i < 20; i++)
        {
            Assert.Empty((await store.VerifyAsync(null, CancellationToken.None)).Damage);
        }

        await end.CancelAsync();
        await writer;
    }
}
