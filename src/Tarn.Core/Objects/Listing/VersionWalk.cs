using Tarn.Core.Buckets;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Records;

namespace Tarn.Core.Objects.Listing;

/// <summary>Walks a bucket's versions in the order in which they are listed, by merging the three tables that hold them.</summary>
internal sealed class VersionWalk
{
    private const int FirstPageWithDelimiter = 8;

    private readonly ulong _bucketId;
    private readonly RowCursor _current;
    private readonly RowCursor _markers;
    private readonly RowCursor _history;
    private RowCursor _at;

    private VersionWalk(IKeyValueReader view, ulong bucketId, byte[] prefix, byte[] newestFrom, byte[] historyFrom, int firstPage)
    {
        _bucketId = bucketId;
        byte[] history = Tables.HistoryTable(bucketId);
        _current = Cursor(Tables.CurrentKey(bucketId, newestFrom), Tables.CurrentKey(bucketId, prefix));
        _markers = Cursor(Tables.MarkerKey(bucketId, newestFrom), Tables.MarkerKey(bucketId, prefix));
        _history = Cursor([.. history, .. historyFrom], [.. history, .. Tables.KeyStart(prefix)]);
        _at = _current;

        RowCursor Cursor(byte[] from, byte[] range) => new(view, from, KeyCodec.PrefixEnd(range), firstPage);
    }

    /// <summary>Starts where a query's page starts: at its prefix, or after its markers.</summary>
    public static async ValueTask<VersionWalk> StartAsync(
        IKeyValueReader view, Bucket bucket, VersionQuery query, CancellationToken cancellationToken)
    {
        int first = query.Delimiter.Length == 0 ? Math.Min(query.MaxKeys + 1, 1001) : FirstPageWithDelimiter;
        if (query.KeyMarker is not { } marker || marker.AsSpan().SequenceCompareTo(query.Prefix) < 0)
        {
            return new VersionWalk(view, bucket.Id, query.Prefix, query.Prefix, Tables.KeyStart(query.Prefix), first);
        }

        if (query.VersionMarker is null)
        {
            byte[] behind = KeyCodec.PrefixEnd(Tables.HistoryPrefix(bucket.Id, marker));
            return new VersionWalk(view, bucket.Id, query.Prefix, [.. marker, 0], behind[Tables.CurrentPrefixLength..], first);
        }

        byte[][] keys = [Tables.CurrentKey(bucket.Id, marker), Tables.MarkerKey(bucket.Id, marker), Tables.NullVersionKey(bucket.Id, marker)];
        byte[]?[] rows = await view.GetAsync(keys, cancellationToken);
        ObjectRecord? newest = (rows[0] ?? rows[1]) is { } bytes ? Rows.Decode(keys[rows[0] is null ? 1 : 0], bytes, ObjectRecord.Decode) : null;

        // If the null version was removed after it was listed, the place to continue from is unknown: list the key's versions twice rather than skip some.
        VersionId version = VersionId.TryParse(query.VersionMarker, out VersionId parsed) ? parsed
            : newest is { IsNull: true } ? newest.EffectiveOrder
            : rows[2] is { } place ? Rows.Decode(keys[2], place, VersionId.Read)
            : new VersionId(ulong.MaxValue, ulong.MaxValue);

        // The newest version of the marker's key is listed again only if it is older than the last version listed.
        bool again = newest is not null && newest.EffectiveOrder < version;
        byte[] older = [.. Tables.HistoryKey(bucket.Id, marker, version)[Tables.CurrentPrefixLength..], 0];
        return new VersionWalk(view, bucket.Id, query.Prefix, again ? marker : [.. marker, 0], older, first);
    }

    /// <summary>The version that the walk is at; null at the end.</summary>
    public async ValueTask<ListedVersion?> PeekAsync(CancellationToken cancellationToken)
    {
        // For equal keys the newest version comes first; it is in one of the first two tables.
        ListedVersion? best = null;
        foreach (RowCursor cursor in new[] { _current, _markers, _history })
        {
            if (await cursor.PeekAsync(cancellationToken) is not { } row)
            {
                continue;
            }

            byte[] key = cursor == _history
                ? KeyCodec.Read(row.Key.AsSpan(Tables.CurrentPrefixLength)).Terminated()
                : row.Key[Tables.CurrentPrefixLength..];
            if (best is null || key.AsSpan().SequenceCompareTo(best.Key.Utf8) < 0)
            {
                best = new ListedVersion(new StoredObject(ObjectKey.FromUtf8(key), row.Key, row.Value), cursor != _history);
                _at = cursor;
            }
        }

        return best;
    }

    /// <summary>Goes on to the next version.</summary>
    public void Advance() => _at.Advance();

    /// <summary>Goes on to the first key after all that begin with these bytes.</summary>
    public void SkipPrefix(byte[] prefix)
    {
        byte[] end = KeyCodec.PrefixEnd(prefix);
        _current.Seek(Tables.CurrentKey(_bucketId, end));
        _markers.Seek(Tables.MarkerKey(_bucketId, end));
        _history.Seek([.. Tables.HistoryTable(_bucketId), .. Tables.KeyStart(end)]);
    }
}
