using System.Runtime.CompilerServices;
using System.Text;
using Tarn.Core.Buckets;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Multipart;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Objects.Writing;
using Tarn.Core.Records;

namespace Tarn.Core.Lifecycle;

/// <summary>The object store as the lifecycle worker sees it.</summary>
internal sealed class StoreLifecycleTarget(
    IKeyValueStore store, BucketCatalog buckets, KeyTransaction keys, DataOwnership ownership, TimeProvider clock, IRandomSource random) : ILifecycleTarget
{
    private const int BucketPage = 100;

    public async IAsyncEnumerable<LifecycleBucket> BucketsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        byte[] from = [Tables.Bucket];
        byte[] end = KeyCodec.PrefixEnd(from);
        while (true)
        {
            IReadOnlyList<KeyValueEntry> rows = await store.ScanAsync(from, end, BucketPage, reverse: false, cancellationToken);
            foreach (KeyValueEntry row in rows)
            {
                BucketName name = BucketName.FromStorage(Encoding.UTF8.GetString(row.Key.AsSpan(1)));
                if (await buckets.FindAsync(name, cancellationToken) is { } bucket
                    && await buckets.GetSettingAsync(bucket, LifecycleConfiguration.Stored, cancellationToken) is { } rules)
                {
                    yield return new LifecycleBucket(bucket.Id, bucket.Versioning, rules, bucket);
                }
            }

            if (rows.Count < BucketPage)
            {
                yield break;
            }

            from = [.. rows[^1].Key, 0];
        }
    }

    public async ValueTask<IReadOnlyList<LifecycleKey>> ReadKeysAsync(
        LifecycleBucket bucket, byte[] from, int limit, CancellationToken cancellationToken)
    {
        IReadOnlyList<KeyValueEntry> current = await ScanAsync(Tables.CurrentKey(bucket.Id, from), Tables.CurrentKey(bucket.Id, []));
        if (bucket.Versioning == VersioningState.Never)
        {
            return current.Select(Key).ToList();
        }

        // A key that moves between the tables during the two scans may appear in both or in neither: its action fails, or waits for the next walk.
        IReadOnlyList<KeyValueEntry> markers = await ScanAsync(Tables.MarkerKey(bucket.Id, from), Tables.MarkerKey(bucket.Id, []));
        return current.Concat(markers)
            .OrderBy(static row => row.Key.AsMemory(Tables.CurrentPrefixLength), ByteOrder.Instance)
            .Take(limit)
            .Select(Key)
            .ToList();

        ValueTask<IReadOnlyList<KeyValueEntry>> ScanAsync(byte[] begin, byte[] table) =>
            store.ScanAsync(begin, KeyCodec.PrefixEnd(table), limit, reverse: false, cancellationToken);
    }

    public async ValueTask<IReadOnlyList<LifecycleVersion>> ReadNoncurrentAsync(
        LifecycleBucket bucket, byte[] key, LifecycleVersion? after, int limit, CancellationToken cancellationToken)
    {
        byte[] prefix = Tables.HistoryPrefix(bucket.Id, key);
        byte[] from = after is null ? prefix : [.. ((StoredObject)after.Token).Row, 0];
        IReadOnlyList<KeyValueEntry> rows = await store.ScanAsync(from, KeyCodec.PrefixEnd(prefix), limit, reverse: false, cancellationToken);
        ObjectKey name = ObjectKey.FromUtf8(key);
        return rows.Select(row => Version(new StoredObject(name, row.Key, row.Value), isLatest: false)).ToList();
    }

    public async ValueTask<LifecycleResult> ApplyAsync(
        LifecycleBucket bucket, byte[] key, LifecycleAction action, IReadOnlyList<LifecycleVersion> witnesses, CancellationToken cancellationToken)
    {
        var planned = (StoredObject)action.Version.Token;
        var owner = (Bucket)bucket.Token;
        bool applied = await keys.TryAsync(
            owner,
            planned.Key,
            async change =>
            {
                KeyState state = await change.ReadAsync(cancellationToken);
                planned.Guard(change.Batch).AsRemoval();
                foreach (LifecycleVersion witness in witnesses)
                {
                    ((StoredObject)witness.Token).Guard(change.Batch);
                }

                if (action.Kind != LifecycleActionKind.ExpireCurrent)
                {
                    await change.RemoveAsync(planned.VersionName, static _ => { }, cancellationToken);
                    return true;
                }

                if (state.Live is null)
                {
                    return false;
                }

                if (state.KeepsVersions)
                {
                    await ObjectDeleter.PushMarkerAsync(change, owner.OwnerId, clock, random, cancellationToken);
                }
                else
                {
                    change.RemoveOnly();
                }

                return true;
            },
            cancellationToken);
        return applied ? LifecycleResult.Applied : await WhyNotAsync(owner, cancellationToken);
    }

    public async ValueTask<IReadOnlyList<LifecycleResult>> ApplyAsync(
        LifecycleBucket bucket, IReadOnlyList<LifecyclePlanned> planned, CancellationToken cancellationToken)
    {
        var results = new LifecycleResult[planned.Count];
        if (await keys.TryRemoveAsync((Bucket)bucket.Token, [.. planned.Select(static one => (StoredObject)one.Action.Version.Token)], cancellationToken))
        {
            return results;
        }

        for (int i = 0; i < results.Length; i++)
        {
            results[i] = await ApplyAsync(bucket, planned[i].Key, planned[i].Action, [], cancellationToken);
        }

        return results;
    }

    public async ValueTask<IReadOnlyList<LifecycleUpload>> ReadUploadsAsync(
        LifecycleBucket bucket, byte[] from, int limit, CancellationToken cancellationToken)
    {
        byte[] table = Tables.UploadTable(bucket.Id);
        IReadOnlyList<KeyValueEntry> rows = await store.ScanAsync(
            from.Length == 0 ? table : from, KeyCodec.PrefixEnd(table), limit, reverse: false, cancellationToken);
        var uploads = new List<LifecycleUpload>(rows.Count);
        foreach (KeyValueEntry row in rows)
        {
            KeyReader rest = KeyCodec.Read(row.Key.AsSpan(table.Length));
            byte[] key = rest.Terminated();
            var id = new UploadId(Id128.Read(rest.Raw(Id128.Size)));
            var upload = new MultipartUpload((Bucket)bucket.Token, ObjectKey.FromUtf8(key), id, row.Key, row.Value);
            uploads.Add(new LifecycleUpload(key, upload.Initiated, upload, [.. row.Key, 0]));
        }

        return uploads;
    }

    public async ValueTask<LifecycleResult> AbortAsync(LifecycleBucket bucket, LifecycleUpload upload, CancellationToken cancellationToken)
    {
        var owner = (Bucket)bucket.Token;
        var planned = (MultipartUpload)upload.Token;
        bool aborted = await keys.TryAsync(batch => planned.Abort(owner.Guard(batch).AsRemoval(), ownership), cancellationToken);
        return aborted ? LifecycleResult.Applied : await WhyNotAsync(owner, cancellationToken);
    }

    private async ValueTask<LifecycleResult> WhyNotAsync(Bucket bucket, CancellationToken cancellationToken) =>
        await store.GetAsync(Tables.BucketKey(bucket.Name.Value), cancellationToken) is { } bytes && bucket.IsSameAs(bytes)
            ? LifecycleResult.Changed
            : LifecycleResult.BucketChanged;

    private static LifecycleKey Key(KeyValueEntry row)
    {
        byte[] key = row.Key[Tables.CurrentPrefixLength..];
        return new LifecycleKey(key, Version(new StoredObject(ObjectKey.FromUtf8(key), row.Key, row.Value), isLatest: true));
    }

    internal static LifecycleVersion Version(StoredObject stored, bool isLatest) => new()
    {
        Token = stored,
        IsLatest = isLatest,
        IsDeleteMarker = stored.IsDeleteMarker,
        LastModified = stored.LastModified,
        NoncurrentSince = isLatest || stored.Record.NoncurrentSince == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(stored.Record.NoncurrentSince),
        Size = stored.Size,
        Tags = TagSet.FromStorage(stored.Metadata.Tags),
    };

    private sealed class ByteOrder : IComparer<Memory<byte>>
    {
        public static readonly ByteOrder Instance = new();

        public int Compare(Memory<byte> x, Memory<byte> y) => x.Span.SequenceCompareTo(y.Span);
    }
}
