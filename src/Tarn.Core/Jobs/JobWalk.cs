using System.Text;
using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Records;

namespace Tarn.Core.Jobs;

/// <summary>One key for a job to work on, or one version of it.</summary>
/// <param name="Stored">The object as it was listed: it may have changed since.</param>
/// <param name="IsVersion">Whether only this version is meant.</param>
public sealed record JobItem(StoredObject Stored, bool IsVersion)
{
    /// <summary>Whether an older version of the key was not deleted: this one stays, since without it that one could come to light.</summary>
    public bool IsHeld { get; init; }

    /// <summary>The key.</summary>
    public ObjectKey Key => Stored.Key;

    /// <summary>The version, as clients see it; null when the key itself is meant.</summary>
    public string? Version => IsVersion ? Stored.VersionName : null;

    internal byte[] MarkKey(Id128 job) => Tables.JobMarkKey(job, Key.Utf8, IsVersion ? Stored.Record.EffectiveOrder : null);
}

/// <summary>Some items in a row, and where to go on behind them.</summary>
/// <param name="Items">By key; versions of a key from the oldest to the newest, so that deleting them never brings an older one back to light.</param>
/// <param name="IsLast">Whether nothing follows.</param>
public sealed record JobPage(IReadOnlyList<JobItem> Items, bool IsLast)
{
    internal byte[]? AfterKey { get; init; }

    internal VersionId? AfterVersion { get; init; }

    /// <summary>Whether the page ends within the versions of a key.</summary>
    public bool EndsWithin(ObjectKey key) => AfterVersion is not null && key.Utf8.AsSpan().SequenceEqual(AfterKey);
}

/// <summary>Reads the keys of a job page by page, from behind its cursor.</summary>
public sealed class JobWalk(IKeyValueStore store)
{
    /// <summary>So many versions of a key are looked through for the one to restore.</summary>
    public const int MaxVersions = 10_000;

    /// <summary>Reads the next page.</summary>
    public async ValueTask<JobPage> ReadAsync(JobRecord job, Bucket bucket, int limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(bucket);

        // One instant for all tables: a version that moves between them is neither missed nor met twice.
        await using IKeyValueSnapshot view = await store.OpenSnapshotAsync(cancellationToken);
        bool isVersioned = bucket.Versioning != VersioningState.Never;
        byte[] prefix = Encoding.UTF8.GetBytes(job.Parameters.Prefix);

        // The only version of an object of a bucket that never kept versions is one too, by its name: it may begin to keep them before the key's turn comes.
        return job.Parameters.WalksVersions
            ? await VersionsAsync(view, job, bucket, prefix, limit, cancellationToken)
            : await KeysAsync(view, job, bucket, prefix, job.Parameters.Kind == JobKind.Restore && isVersioned, limit, cancellationToken);
    }

    private static async ValueTask<JobPage> KeysAsync(
        IKeyValueReader view, JobRecord job, Bucket bucket, byte[] prefix, bool withMarkers, int limit, CancellationToken cancellationToken)
    {
        List<StoredObject> newest = await NewestAsync(view, bucket, prefix, job.AfterKey, withMarkers, limit, cancellationToken);
        return new JobPage([.. newest.Select(static stored => new JobItem(stored, IsVersion: false))], newest.Count < limit)
        {
            AfterKey = newest.Count == 0 ? job.AfterKey : newest[^1].Key.Utf8,
        };
    }

    private static async ValueTask<JobPage> VersionsAsync(
        IKeyValueReader view, JobRecord job, Bucket bucket, byte[] prefix, int limit, CancellationToken cancellationToken)
    {
        var items = new List<JobItem>();
        byte[]? after = job.AfterKey;
        if (job.AfterVersion is { } begun)
        {
            // The newest version of a key is always in one of the tables of the newest, so the key is met even if a version was deleted meanwhile.
            VersionId? within = await AddAsync(view, bucket, job.AfterKey!, begun, items, limit, cancellationToken);
            if (within is null && await FindNewestAsync(view, bucket, job.AfterKey!, cancellationToken) is { } last)
            {
                items.Add(new JobItem(last, IsVersion: true));
            }

            items = [.. items.Select(item => item with { IsHeld = job.IsAfterHeld })];
            if (within is { } stopped)
            {
                return Inside(items, job.AfterKey!, stopped);
            }
        }

        while (items.Count < limit)
        {
            List<StoredObject> newest = await NewestAsync(view, bucket, prefix, after, withMarkers: true, limit, cancellationToken);
            foreach (StoredObject one in newest)
            {
                if (items.Count >= limit)
                {
                    return new JobPage(items, IsLast: false) { AfterKey = after };
                }

                if (await AddAsync(view, bucket, one.Key.Utf8, null, items, limit, cancellationToken) is { } reached)
                {
                    return Inside(items, one.Key.Utf8, reached);
                }

                items.Add(new JobItem(one, IsVersion: true));
                after = one.Key.Utf8;
            }

            if (newest.Count < limit)
            {
                return new JobPage(items, IsLast: true) { AfterKey = after };
            }
        }

        return new JobPage(items, IsLast: false) { AfterKey = after };
    }

    private static JobPage Inside(List<JobItem> items, byte[] key, VersionId last) => new(items, IsLast: false) { AfterKey = key, AfterVersion = last };

    /// <summary>Adds the older versions of a key that are newer than one, the oldest first.</summary>
    /// <returns>The last version added when the page is full; null when all were added.</returns>
    private static async ValueTask<VersionId?> AddAsync(
        IKeyValueReader view, Bucket bucket, byte[] key, VersionId? after, List<JobItem> items, int limit, CancellationToken cancellationToken)
    {
        int room = Math.Max(limit - items.Count, 1);
        byte[] begin = Tables.HistoryPrefix(bucket.Id, key);
        byte[] end = after is { } done ? Tables.HistoryKey(bucket.Id, key, done) : KeyCodec.PrefixEnd(begin);
        IReadOnlyList<KeyValueEntry> rows = await view.ScanAsync(begin, end, room, reverse: true, cancellationToken);
        items.AddRange(rows.Select(row => new JobItem(new StoredObject(ObjectKey.FromUtf8(key), row.Key, row.Value), IsVersion: true)));
        return rows.Count == room ? items[^1].Stored.Record.EffectiveOrder : null;
    }

    private static async ValueTask<StoredObject?> FindNewestAsync(IKeyValueReader view, Bucket bucket, byte[] key, CancellationToken cancellationToken)
    {
        byte[][] rows = [Tables.CurrentKey(bucket.Id, key), Tables.MarkerKey(bucket.Id, key)];
        byte[]?[] values = await view.GetAsync(rows, cancellationToken);
        int at = values[0] is null ? 1 : 0;
        return values[at] is { } value ? new StoredObject(ObjectKey.FromUtf8(key), rows[at], value) : null;
    }

    /// <summary>The newest version of each key: live objects, and delete markers if they are asked for.</summary>
    private static async ValueTask<List<StoredObject>> NewestAsync(
        IKeyValueReader view, Bucket bucket, byte[] prefix, byte[]? after, bool withMarkers, int limit, CancellationToken cancellationToken)
    {
        byte[] from = after is null || after.AsSpan().SequenceCompareTo(prefix) < 0 ? prefix : [.. after, 0];
        List<KeyValueEntry> rows = [.. await ScanAsync(Tables.CurrentKey(bucket.Id, from), Tables.CurrentKey(bucket.Id, prefix))];
        if (withMarkers)
        {
            rows.AddRange(await ScanAsync(Tables.MarkerKey(bucket.Id, from), Tables.MarkerKey(bucket.Id, prefix)));
            rows.Sort(static (left, right) =>
                left.Key.AsSpan(Tables.CurrentPrefixLength).SequenceCompareTo(right.Key.AsSpan(Tables.CurrentPrefixLength)));
        }

        return [.. rows.Take(limit).Select(static row => new StoredObject(ObjectKey.FromUtf8(row.Key[Tables.CurrentPrefixLength..]), row.Key, row.Value))];

        ValueTask<IReadOnlyList<KeyValueEntry>> ScanAsync(byte[] begin, byte[] range) =>
            view.ScanAsync(begin, KeyCodec.PrefixEnd(range), limit, reverse: false, cancellationToken);
    }

    /// <summary>
    /// The version that restoring brings back: of a time, the newest that was written until then; otherwise the newest that is no delete marker. Null when
    /// the key was deleted or did not exist then, or when that version is the newest already.
    /// </summary>
    /// <exception cref="S3Exception">InvalidRequest: the key has more than <see cref="MaxVersions"/> newer versions.</exception>
    public async ValueTask<StoredObject?> FindRestorableAsync(Bucket bucket, StoredObject newest, DateTimeOffset? at, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(bucket);
        ArgumentNullException.ThrowIfNull(newest);
        if (IsWanted(newest))
        {
            return null;
        }

        int looked = 0;
        byte[] prefix = Tables.HistoryPrefix(bucket.Id, newest.Key.Utf8);
        await foreach (KeyValueEntry row in store.AllAsync(prefix, KeyCodec.PrefixEnd(prefix), 100, cancellationToken))
        {
            var older = new StoredObject(newest.Key, row.Key, row.Value);
            if (IsWanted(older))
            {
                return older.IsDeleteMarker ? null : older;
            }

            if (++looked >= MaxVersions)
            {
                throw new S3Exception(S3Error.InvalidRequest, $"The key has more than {MaxVersions} versions that are newer than the one to restore");
            }
        }

        return null;

        bool IsWanted(StoredObject version) => at is { } then ? version.WrittenBy((then - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond) : !version.IsDeleteMarker;
    }
}
