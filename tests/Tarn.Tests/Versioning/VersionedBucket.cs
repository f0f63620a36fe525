using System.Text;
using Microsoft.Extensions.Time.Testing;
using Tarn.Core.Blobs;
using Tarn.Core.Buckets;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Listing;
using Tarn.Core.Objects.Reading;
using Tarn.Core.Objects.Writing;
using Tarn.Core.Records;
using Tarn.Core.Storage;
using Tarn.TestKit.Stores;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Versioning;

/// <summary>A bucket over any map, and short ways to change and to look at its versions.</summary>
internal sealed class VersionedBucket : IAsyncDisposable
{
    public const string Owner = "owner";

    private static readonly BucketName Name = BucketName.FromStorage("bucket");

    public VersionedBucket(IKeyValueStore rows, int seed = 1)
    {
        Rows = rows;
        Blobs = new MemoryBlobStore(Clock);
        Store = new ObjectStore(new KeyRowsGuard(rows), Blobs, Clock, new SeededRandomSource(seed), new ObjectStoreOptions { InlineLimit = 8 });
    }

    public FakeTimeProvider Clock { get; } = new(DateTimeOffset.UnixEpoch.AddYears(56));

    public IKeyValueStore Rows { get; }

    public MemoryBlobStore Blobs { get; }

    public ObjectStore Store { get; }

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A bucket in memory.</summary>
    public static async Task<VersionedBucket> OpenAsync(VersioningState state, ObservedStore? rows = null)
    {
        var bucket = new VersionedBucket(rows ?? (IKeyValueStore)new MemoryKeyValueStore());
        await bucket.CreateAsync();
        if (state != VersioningState.Never)
        {
            await bucket.SetAsync(state);
        }

        return bucket;
    }

    public async Task CreateAsync() => Assert.NotNull(await Store.Buckets.CreateAsync(Name, Owner, "Owner", "us-east-1", Token));

    public async Task<Bucket> NowAsync() => await Store.Buckets.GetAsync(Name, Token);

    public async Task SetAsync(VersioningState state) => await Store.Buckets.SetVersioningAsync(await NowAsync(), state, Token);

    public async Task<string> PutAsync(string key, string data, WriteCondition? condition = null, params (string, string)[] tags)
    {
        var metadata = new ObjectMetadata { Tags = [.. tags.Select(t => KeyValuePair.Create(t.Item1, t.Item2))] };
        StoredObject put = await Store.Writer.PutAsync(
            await NowAsync(), Key(key), Owner, metadata, new MemoryBody(Encoding.UTF8.GetBytes(data)), new IngestRequest(),
            condition ?? WriteCondition.None, Token);
        return put.VersionName;
    }

    public async Task<DeleteOutcome> DeleteAsync(string key, string? version = null, DeleteCondition? condition = null) =>
        await Store.Deleter.DeleteAsync(await NowAsync(), Key(key), version, Owner, condition ?? DeleteCondition.None, Token);

    /// <summary>What a version holds: null when there is none, "(marker)" for a delete marker.</summary>
    public async Task<string?> GetAsync(string key, string? version = null)
    {
        (StoredObject? found, IObjectContent? content) = await Store.Reader.OpenAsync(await NowAsync(), Key(key), version, Token);
        if (content is null)
        {
            return found is null ? null : "(marker)";
        }

        await using (content)
        {
            return Encoding.UTF8.GetString(await ReadAsync(content));
        }
    }

    public async Task<StoredObject?> FindAsync(string key, string? version = null) =>
        await Store.Reader.FindAsync(await NowAsync(), Key(key), version, Token);

    public async Task<StoredObject> CopyAsync(string from, string? version, string to, Bucket? destination = null) =>
        await Store.Copier.CopyAsync(
            async () => await FindAsync(from, version) ?? throw new InvalidOperationException("No source."),
            destination ?? await NowAsync(), Key(to), Owner, metadata => metadata, null, WriteCondition.None, Token);

    /// <summary>The versions of a key or prefix, newest first, as "name" or "name*" for the latest.</summary>
    public async Task<List<string>> VersionsAsync(string prefix = "", int pageSize = 1000)
    {
        var names = new List<string>();
        var query = new VersionQuery { Prefix = Encoding.UTF8.GetBytes(prefix), MaxKeys = pageSize };
        while (true)
        {
            VersionPage page = await Store.Versions.ListAsync(await NowAsync(), query, Token);
            names.AddRange(page.Versions.Select(v => v.Version.VersionName + (v.IsLatest ? "*" : "")));
            if (!page.IsTruncated)
            {
                return names;
            }

            query = query with { KeyMarker = page.LastKey, VersionMarker = page.LastVersion };
        }
    }

    /// <summary>Each table's rows of the bucket, by the table's number.</summary>
    public async Task<IReadOnlyList<KeyValueEntry>> RowsAsync(byte? table = null) => table is { } one
        ? await Rows.ScanAsync([one], [(byte)(one + 1)], int.MaxValue, reverse: false, Token)
        : await Rows.ScanAsync([], [0xFF], int.MaxValue, reverse: false, Token);

    /// <summary>Reclaims what is due, long after, and asserts that nothing is left but the bucket itself.</summary>
    public async Task AssertNothingLeftAsync()
    {
        Clock.Advance(TimeSpan.FromDays(30));
        while (await Store.Reclaim.RunOnceAsync(failed: null, Token) > 0)
        {
            Clock.Advance(TimeSpan.FromDays(1));
        }

        Assert.Equal([Tables.Bucket, Tables.BucketByOwner], (await RowsAsync()).Select(row => row.Key[0]));
        Assert.Empty(await Blobs.ListAsync(Token).ToListAsync(Token));
    }

    public ValueTask DisposeAsync() => Rows.DisposeAsync();

    public static ObjectKey Key(string text) => ObjectKey.FromUtf8(Encoding.UTF8.GetBytes(text));

    public static async Task<byte[]> ReadAsync(IObjectContent content)
    {
        using var bytes = new MemoryStream();
        while (bytes.Length < content.Length)
        {
            ContentRun run = await content.RunAsync(bytes.Length, content.Length - bytes.Length, Token);
            if (run.Source is null)
            {
                bytes.Write(run.Memory.Span);
                continue;
            }

            byte[] buffer = new byte[run.Length];
            int done = 0;
            while (done < buffer.Length)
            {
                int read = await run.Source.ReadAsync(run.Offset + done, buffer.AsMemory(done), Token);
                Assert.NotEqual(0, read);
                done += read;
            }

            bytes.Write(buffer);
        }

        return bytes.ToArray();
    }
}
