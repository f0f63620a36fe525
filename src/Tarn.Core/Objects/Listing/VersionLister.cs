using Tarn.Core.Buckets;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Records;

namespace Tarn.Core.Objects.Listing;

/// <summary>Lists every version and delete marker of a bucket: by key, newest first within a key.</summary>
public sealed class VersionLister
{
    private const int FirstPageWithDelimiter = 8;

    private readonly IKeyValueStore _store;

    internal VersionLister(IKeyValueStore store) => _store = store;

    /// <summary>Reads one page from a snapshot, so that versions that move between tables meanwhile are neither missed nor listed twice.</summary>
    public async ValueTask<VersionPage> ListAsync(Bucket bucket, VersionQuery query, CancellationToken cancellationToken)
    {
        var page = new VersionPage();
        if (query.MaxKeys == 0)
        {
            return page;
        }

        await using IKeyValueSnapshot view = await _store.OpenSnapshotAsync(cancellationToken);
        Walk walk = await StartAsync(view, bucket, query, cancellationToken);
        while (await walk.PeekAsync(cancellationToken) is { } entry)
        {
            byte[] key = entry.Key.Utf8;
            int at = query.Delimiter.Length == 0 ? -1 : key.AsSpan(query.Prefix.Length).IndexOf(query.Delimiter);
            byte[]? common = at < 0 ? null : key[..(query.Prefix.Length + at + query.Delimiter.Length)];
            if (common is not null && query.KeyMarker is { } marker && common.AsSpan().SequenceEqual(marker))
            {
                walk.SkipPrefix(common);
                continue;
            }

            if (page.Count == query.MaxKeys)
            {
                page.IsTruncated = true;
                return page;
            }

            if (common is not null)
            {
                page.Add(common);
                walk.SkipPrefix(common);
            }
            else
            {
                page.Add(entry);
                walk.Advance();
            }
        }

        return page;
    }

    private static async ValueTask<Walk> StartAsync(IKeyValueReader view, Bucket bucket, VersionQuery query, CancellationToken cancellationToken)
    {
        int first = query.Delimiter.Length == 0 ? Math.Min(query.MaxKeys + 1, 1001) : FirstPageWithDelimiter;
        if (query.KeyMarker is not { } marker || marker.AsSpan().SequenceCompareTo(query.Prefix) < 0)
        {
            return new Walk(view, bucket.Id, query.Prefix, query.Prefix, Tables.KeyStart(query.Prefix), first);
        }

        if (query.VersionMarker is null)
        {
            byte[] behind = KeyCodec.PrefixEnd(Tables.HistoryPrefix(bucket.Id, marker));
            return new Walk(view, bucket.Id, query.Prefix, [.. marker, 0], behind[Tables.CurrentPrefixLength..], first);
        }

        byte[]?[] rows = await view.GetAsync(
            [Tables.CurrentKey(bucket.Id, marker), Tables.MarkerKey(bucket.Id, marker), Tables.NullVersionKey(bucket.Id, marker)], cancellationToken);
        ObjectRecord? newest = (rows[0] ?? rows[1]) is { } bytes ? ObjectRecord.Decode(bytes) : null;

        // If the null version was removed after it was listed, the place to continue from is unknown: list the key's versions twice rather than skip some.
        VersionId version = VersionId.TryParse(query.VersionMarker, out VersionId parsed) ? parsed
            : newest is { IsNull: true } ? newest.EffectiveOrder
            : rows[2] is { } place ? VersionId.Read(place)
            : new VersionId(ulong.MaxValue, ulong.MaxValue);

        // The newest version of the marker's key is listed again only if it is older than the last version listed.
        bool again = newest is not null && newest.EffectiveOrder < version;
        byte[] older = [.. Tables.HistoryKey(bucket.Id, marker, version)[Tables.CurrentPrefixLength..], 0];
        return new Walk(view, bucket.Id, query.Prefix, again ? marker : [.. marker, 0], older, first);
    }

    /// <summary>Merges the three tables that hold a bucket's versions.</summary>
    private sealed class Walk
    {
        private readonly ulong _bucketId;
        private readonly RowCursor _current;
        private readonly RowCursor _markers;
        private readonly RowCursor _history;
        private RowCursor _at;

        public Walk(IKeyValueReader view, ulong bucketId, byte[] prefix, byte[] newestFrom, byte[] historyFrom, int firstPage)
        {
            _bucketId = bucketId;
            byte[] history = Tables.HistoryTable(bucketId);
            _current = Cursor(Tables.CurrentKey(bucketId, newestFrom), Tables.CurrentKey(bucketId, prefix));
            _markers = Cursor(Tables.MarkerKey(bucketId, newestFrom), Tables.MarkerKey(bucketId, prefix));
            _history = Cursor([.. history, .. historyFrom], [.. history, .. Tables.KeyStart(prefix)]);
            _at = _current;

            RowCursor Cursor(byte[] from, byte[] range) => new(view, from, KeyCodec.PrefixEnd(range), firstPage);
        }

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

        public void Advance() => _at.Advance();

        public void SkipPrefix(byte[] prefix)
        {
            byte[] end = KeyCodec.PrefixEnd(prefix);
            _current.Seek(Tables.CurrentKey(_bucketId, end));
            _markers.Seek(Tables.MarkerKey(_bucketId, end));
            _history.Seek([.. Tables.HistoryTable(_bucketId), .. Tables.KeyStart(end)]);
        }
    }
}

/// <summary>Which versions to list.</summary>
public sealed record VersionQuery
{
    /// <summary>Only keys that begin with these bytes.</summary>
    public byte[] Prefix { get; init; } = [];

    /// <summary>Keys that contain these bytes after the prefix are rolled up into a common prefix; empty for none.</summary>
    public byte[] Delimiter { get; init; } = [];

    /// <summary>Only keys after this one; with <see cref="VersionMarker"/>, older versions of this key too.</summary>
    public byte[]? KeyMarker { get; init; }

    /// <summary>Only versions of the key marker older than this one: "null" or a version id; null for none.</summary>
    public string? VersionMarker { get; init; }

    /// <summary>The maximum number of versions and common prefixes on one page.</summary>
    public int MaxKeys { get; init; } = 1000;
}

/// <summary>One version in a listing.</summary>
public sealed record ListedVersion(StoredObject Version, bool IsLatest)
{
    /// <summary>The version's key.</summary>
    public ObjectKey Key => Version.Key;
}

/// <summary>One page of versions.</summary>
public sealed class VersionPage
{
    /// <summary>The versions on the page: by key, newest first within a key.</summary>
    public List<ListedVersion> Versions { get; } = [];

    /// <summary>The common prefixes on the page, as UTF-8 bytes, in order.</summary>
    public List<byte[]> CommonPrefixes { get; } = [];

    /// <summary>Whether another page follows.</summary>
    public bool IsTruncated { get; internal set; }

    /// <summary>The last key or common prefix on the page.</summary>
    public byte[]? LastKey { get; private set; }

    /// <summary>The last version on the page; null when the page ends with a common prefix.</summary>
    public string? LastVersion { get; private set; }

    internal int Count => Versions.Count + CommonPrefixes.Count;

    internal void Add(ListedVersion version)
    {
        Versions.Add(version);
        LastKey = version.Key.Utf8;
        LastVersion = version.Version.VersionName;
    }

    internal void Add(byte[] common)
    {
        CommonPrefixes.Add(common);
        LastKey = common;
        LastVersion = null;
    }
}
