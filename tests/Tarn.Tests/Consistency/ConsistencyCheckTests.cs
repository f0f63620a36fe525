using System.Security.Cryptography;
using Tarn.Core.Blobs;
using Tarn.Core.Consistency;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Records;
using Tarn.TestKit.Stores;
using Tarn.Tests.Objects;
using Tarn.Tests.Simulation;

namespace Tarn.Tests.Consistency;

public sealed class ConsistencyCheckTests
{
    public static TheoryData<string> Damages => [.. DamageCases.All.Keys];

    [Fact]
    public async Task A_store_with_one_object_of_each_kind_is_clean_and_counted()
    {
        CheckedStore store = await CheckedStore.CreateAsync();
        (List<Finding> findings, CheckSummary summary) = await store.CheckAsync();
        Assert.Empty(findings);
        Assert.Equal(1, summary.Buckets);
        Assert.Equal(12, summary.Objects);
        Assert.Equal(1, summary.Uploads);
        Assert.Equal(7, summary.Blobs);
        Assert.Equal(7, summary.VerifiedBlobs);
        Assert.Equal(0, summary.UnverifiableBlobs);
        Assert.False(summary.IsIncomplete);
    }

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task Damage_is_found_and_named(string damage)
    {
        CheckedStore store = await CheckedStore.CreateAsync();
        (Func<CheckedStore, Task> act, string expected) = DamageCases.All[damage];
        await act(store);
        (List<Finding> findings, _) = await store.CheckAsync();
        Assert.Equal(expected, Text(findings));
        Assert.All(findings, finding => Assert.True(finding.Key is null || finding.Bucket == (finding.Key == "lost" ? "(bucket 0000000000000063)" : "bucket")));

        // The same in slices, of which each knows a part of the data only.
        (findings, _) = await store.CheckAsync(new CheckOptions { MaxMemory = 1 });
        Assert.Equal(expected, Text(findings));
    }

    [Fact]
    public async Task Without_reading_data_only_what_rows_and_lengths_tell_is_found()
    {
        CheckedStore store = await CheckedStore.CreateAsync();
        await store.ChangeAsync(await store.BlobAsync("single"), bytes => CheckedStore.Flip(bytes, 5));
        await store.Fixture.Blobs.DeleteAsync(await store.BlobAsync("large"), StoreFixture.Token);
        (List<Finding> findings, CheckSummary summary) = await store.CheckAsync(new CheckOptions { ReadsData = false });
        Assert.Equal("Missing copy, Missing large", Text(findings));
        Assert.Equal(0, summary.VerifiedBlobs);
    }

    [Fact]
    public async Task A_finding_names_the_version_and_the_part()
    {
        CheckedStore store = await CheckedStore.CreateAsync();
        await store.Fixture.Blobs.DeleteAsync(await store.BlobAsync("parts", 1), StoreFixture.Token);
        await store.Fixture.Blobs.DeleteAsync(await store.BlobAsync("versions"), StoreFixture.Token);
        (List<Finding> findings, _) = await store.CheckAsync();
        Finding part = Assert.Single(findings, finding => finding.Key == "parts");
        Assert.Equal(("null", 2), (part.Version, part.Part));
        Finding version = Assert.Single(findings, finding => finding.Key == "versions");
        Assert.Equal((await store.RecordAsync("versions")).VersionName, version.Version);
    }

    [Fact]
    public async Task What_interrupted_and_ended_uploads_leave_is_no_problem()
    {
        CheckedStore store = await CheckedStore.CreateAsync();
        await store.Fixture.DeleteAsync(store.Bucket, "single");
        await store.Fixture.Store.Uploads.AbortAsync(store.Upload, StoreFixture.Token);
        (List<Finding> findings, _) = await store.CheckAsync();
        Assert.Empty(findings);
    }

    [Fact]
    public async Task A_table_that_cannot_be_read_is_reported_and_the_others_are_checked()
    {
        CheckedStore store = await CheckedStore.CreateAsync();
        await store.ChangeAsync("empty", record => record with { Size = 5 });
        var rows = new UnreadableRows(store.Fixture.KeyValue, Tables.History);
        (List<Finding> findings, CheckSummary summary) = await CheckedStore.CheckAsync(rows, store.Fixture.Blobs);
        Assert.True(summary.IsIncomplete);
        Assert.Contains(findings, finding => finding is { Kind: FindingKind.Unreadable, Row: "History " });
        Assert.Contains(findings, finding => finding is { Kind: FindingKind.Inconsistent, Key: "empty" });
        Assert.All(findings.Where(finding => finding.Kind == FindingKind.Unreferenced), finding => Assert.StartsWith("No row that can be read", finding.Detail, StringComparison.Ordinal));
    }

    [Fact]
    public void Rows_of_every_table_are_decoded()
    {
        // A table without a name is written as a number, and one without a decoder is unknown.
        byte[] named = [.. Enumerable.Range(0, byte.MaxValue + 1).Select(table => (byte)table).Where(table => !Tables.Describe([table]).StartsWith("0x", StringComparison.Ordinal))];
        Assert.Equal(named, RowDecoders.Known.Order());
        Assert.Equal(named.Length, RowDecoders.Known.Count);
    }

    [Fact]
    public async Task Blobs_of_older_builds_are_verified_by_what_records_know()
    {
        CheckedStore store = await CheckedStore.CreateAsync();
        BlobId id = await store.BlobAsync("single");
        byte[] payload = (await store.ReadAsync(id))[..100_000];
        await store.Fixture.Blobs.DeleteAsync(id, StoreFixture.Token);
        store.Fixture.Blobs.AddBare(id, payload);
        await store.ChangeAsync("single", r => r with { Data = new ObjectData.Extents([new Extent(id, 0, 0, 100_000)]) });
        (List<Finding> findings, CheckSummary summary) = await store.CheckAsync();
        Assert.Empty(findings);
        Assert.Equal(7, summary.VerifiedBlobs);
    }

    [Fact]
    public async Task A_blob_of_an_older_build_is_verified_when_all_that_is_held_of_it_is()
    {
        CheckedStore store = await CheckedStore.CreateAsync();
        BlobId id = await store.BlobAsync("single");
        byte[] payload = (await store.ReadAsync(id))[..100_000];
        await store.ChangeAsync("single", r => Range(r, id, 0, payload, 0, 60_000));
        await store.PutAsync(store.Current("single-rest"), Range(await store.RecordAsync("single"), id, 5, payload, 60_000, 40_000).Encode());
        await store.PutAsync(Tables.BlobReferenceKey(id.Value, 0), []);
        await store.PutAsync(Tables.BlobReferenceKey(id.Value, 5), []);
        await store.Fixture.KeyValue.CommitAsync(new KeyValueBatch().Add(Tables.BucketCountsKey(store.Bucket.Id), 1), StoreFixture.Token);
        await store.Fixture.Blobs.DeleteAsync(id, StoreFixture.Token);
        store.Fixture.Blobs.AddBare(id, payload);
        (List<Finding> findings, CheckSummary summary) = await store.CheckAsync();
        Assert.Equal(("", 7, 0), (Text(findings), summary.VerifiedBlobs, summary.UnverifiableBlobs));

        await store.Fixture.Blobs.DeleteAsync(id, StoreFixture.Token);
        store.Fixture.Blobs.AddBare(id, CheckedStore.Flip([.. payload], 80_000));
        Assert.Equal("Damaged single, Damaged single-rest", Text((await store.CheckAsync()).Findings));

        // Nothing is known of a part of what is held.
        await store.ChangeAsync("single-rest", r => r with { ETag = ETag.FromMd5(new byte[16], 2) });
        (findings, summary) = await store.CheckAsync();
        Assert.Equal(("", 6, 1), (Text(findings), summary.VerifiedBlobs, summary.UnverifiableBlobs));
    }

    [Fact]
    public async Task What_cannot_be_read_is_said_once_and_is_not_called_missing()
    {
        CheckedStore store = await CheckedStore.CreateAsync();
        foreach (byte table in (byte[])[Tables.InlineData, Tables.Manifest, Tables.BlobReference, Tables.Bucket, Tables.Upload, Tables.NullVersion, Tables.BucketByOwner])
        {
            (List<Finding> findings, CheckSummary summary) = await CheckedStore.CheckAsync(new UnreadableRows(store.Fixture.KeyValue, table), store.Fixture.Blobs);
            Assert.True(summary.IsIncomplete);
            Assert.NotEmpty(findings);
            Assert.DoesNotContain(findings, finding => finding.Kind is FindingKind.Missing or FindingKind.Inconsistent or FindingKind.References && finding.Key is not null);
            Assert.Equal(findings.Count, findings.Select(finding => $"{finding.Row} {finding.Data} {finding.Key} {finding.Part} {finding.Detail}").Distinct().Count());
        }
    }

    [Fact]
    public async Task A_blob_or_a_directory_that_cannot_be_read_is_named_and_the_others_are_checked()
    {
        CheckedStore store = await CheckedStore.CreateAsync();
        await store.ChangeAsync(await store.BlobAsync("large"), bytes => CheckedStore.Flip(bytes, 9));
        var blobs = new FailingBlobStore(store.Fixture.Blobs);
        blobs.NotListed.UnionWith([(await store.BlobAsync("large")).Directory, (await store.BlobAsync("double")).Directory]);
        blobs.NotOpened.Add(await store.BlobAsync("single"));
        (List<Finding> findings, CheckSummary summary) = await CheckedStore.CheckAsync(store.Fixture.KeyValue, blobs);
        Assert.Equal("Damaged copy, Damaged large, Unreadable, Unreadable single", Text(findings));
        Assert.True(summary.IsIncomplete);
        Assert.Equal(7, summary.Blobs);
    }

    [Fact]
    public async Task A_report_that_cannot_be_written_ends_the_check()
    {
        CheckedStore store = await CheckedStore.CreateAsync();
        await store.ChangeAsync("empty", record => record with { Size = 5 });
        await Assert.ThrowsAsync<IOException>(() => ConsistencyCheck.RunAsync(
            store.Fixture.KeyValue, store.Fixture.Blobs, new CheckOptions(), _ => throw new IOException("Broken pipe"), progress: null, StoreFixture.Token));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Random_histories_leave_a_clean_store(int group)
    {
        for (int seed = group * 1000; seed < (group * 1000) + 20; seed++)
        {
            var fixture = new StoreFixture(seed);
            var history = new History(fixture, seed);
            for (int step = 1; step <= 60; step++)
            {
                await history.StepAsync();
                if (step % 10 == 0)
                {
                    await AssertCleanAsync(fixture, $"Seed {seed}, step {step}, {history.Operation}");
                }
            }
        }
    }

    [Theory]
    [InlineData(CrashSide.Before)]
    [InlineData(CrashSide.After)]
    public async Task Random_histories_that_are_cut_off_leave_a_clean_store(CrashSide side)
    {
        for (int seed = 5000; seed < 5040; seed++)
        {
            var fixture = new StoreFixture(seed);
            var crash = new CrashPoint(1 + (seed * 7 % 60), side);
            fixture.Store = fixture.Open(new CrashingKeyValueStore(fixture.KeyValue, crash), new CrashingBlobStore(fixture.Blobs, crash));
            var history = new History(fixture, seed);
            try
            {
                for (int step = 0; step < 60; step++)
                {
                    await history.StepAsync();
                }
            }
            catch (InjectedCrashException)
            {
            }

            await AssertCleanAsync(fixture, $"Seed {seed}, {history.Operation}");
        }
    }

    private static async Task AssertCleanAsync(StoreFixture fixture, string where)
    {
        (List<Finding> findings, CheckSummary summary) = await CheckedStore.CheckAsync(fixture.KeyValue, fixture.Blobs);
        Assert.True(findings.Count == 0, $"{where}:\n{string.Join('\n', findings)}");
        Assert.False(summary.IsIncomplete);
    }

    private static ObjectRecord Range(ObjectRecord record, BlobId blob, ulong reference, byte[] payload, int offset, int length) => record with
    {
        Size = length,
        ETag = ETag.FromMd5(MD5.HashData(payload.AsSpan(offset, length))),
        Checksum = null,
        Data = new ObjectData.Extents([new Extent(blob, reference, offset, length)]),
    };

    private static string Text(List<Finding> findings) =>
        string.Join(", ", findings.Select(finding => $"{finding.Kind} {finding.Key}".TrimEnd()).Order(StringComparer.Ordinal));

    /// <summary>A map of which one table cannot be read.</summary>
    private sealed class UnreadableRows(IKeyValueReader inner, byte table) : IKeyValueReader
    {
        public ValueTask<byte[]?[]> GetAsync(IReadOnlyList<byte[]> keys, CancellationToken cancellationToken) => inner.GetAsync(keys, cancellationToken);

        public ValueTask<byte[]?> GetAsync(byte[] key, CancellationToken cancellationToken) =>
            key[0] == table ? throw new StoreDamagedException("Corruption") : inner.GetAsync(key, cancellationToken);

        public ValueTask<IReadOnlyList<KeyValueEntry>> ScanAsync(byte[] from, byte[] to, int limit, bool reverse, CancellationToken cancellationToken) =>
            from[0] == table ? throw new StoreDamagedException("Corruption") : inner.ScanAsync(from, to, limit, reverse, cancellationToken);
    }
}
