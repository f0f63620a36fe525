using Tarn.Core.Buckets;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Records;

namespace Tarn.Core.Objects.Listing;

/// <summary>Lists the live current objects of a bucket in S3's order. A common prefix costs one seek, however many keys it covers.</summary>
public sealed class ObjectLister
{
    private const int FullPage = 1001;
    private const int FirstPageWithDelimiter = 8;

    private readonly IKeyValueStore _store;

    internal ObjectLister(IKeyValueStore store) => _store = store;

    /// <summary>Reads one page.</summary>
    public async ValueTask<ObjectPage> ListAsync(Bucket bucket, ListQuery query, CancellationToken cancellationToken)
    {
        var page = new ObjectPage();
        byte[] prefix = query.Prefix;
        byte[] end = KeyCodec.PrefixEnd(Tables.CurrentKey(bucket.Id, prefix));
        byte[] from = Tables.CurrentKey(bucket.Id, First(query));
        if (query.MaxKeys == 0)
        {
            return page;
        }

        // With a delimiter most of what a scan returns is skipped, so scans start small and grow while nothing is skipped.
        int limit = query.Delimiter.Length == 0 ? Math.Min(query.MaxKeys + 1, FullPage) : FirstPageWithDelimiter;
        while (from.AsSpan().SequenceCompareTo(end) < 0)
        {
            IReadOnlyList<KeyValueEntry> rows = await _store.ScanAsync(from, end, limit, reverse: false, cancellationToken);
            byte[]? next = null;
            foreach (KeyValueEntry row in rows)
            {
                ReadOnlyMemory<byte> key = row.Key.AsMemory(Tables.CurrentPrefixLength);
                int at = query.Delimiter.Length == 0 ? -1 : key.Span[prefix.Length..].IndexOf(query.Delimiter);
                byte[]? common = at < 0 ? null : key.Span[..(prefix.Length + at + query.Delimiter.Length)].ToArray();
                bool skipped = common is not null && query.After is { } after && common.AsSpan().SequenceEqual(after);
                if (!skipped)
                {
                    if (page.Count == query.MaxKeys)
                    {
                        page.IsTruncated = true;
                        return page;
                    }

                    if (common is null)
                    {
                        page.Objects.Add(new StoredObject(ObjectKey.FromUtf8(key.ToArray()), row.Key, row.Value));
                        page.Last = key.ToArray();
                    }
                    else
                    {
                        page.CommonPrefixes.Add(common);
                        page.Last = common;
                    }
                }

                if (common is not null)
                {
                    next = KeyCodec.PrefixEnd(Tables.CurrentKey(bucket.Id, common));
                    break;
                }
            }

            if (next is null)
            {
                if (rows.Count < limit)
                {
                    return page;
                }

                next = [.. rows[^1].Key, 0];
                limit = Math.Min(limit * 4, Math.Min(query.MaxKeys + 1, FullPage));
            }
            else
            {
                limit = FirstPageWithDelimiter;
            }

            from = next;
        }

        return page;
    }

    /// <summary>The smallest key that can be on the page.</summary>
    private static byte[] First(ListQuery query)
    {
        if (query.After is not { } after || after.AsSpan().SequenceCompareTo(query.Prefix) < 0)
        {
            return query.Prefix;
        }

        return [.. after, 0];
    }
}

/// <summary>What to list.</summary>
public sealed record ListQuery
{
    /// <summary>Only keys that begin with these bytes.</summary>
    public byte[] Prefix { get; init; } = [];

    /// <summary>Keys that contain these bytes after the prefix are rolled up into a common prefix; empty for none.</summary>
    public byte[] Delimiter { get; init; } = [];

    /// <summary>Only keys after this one; a common prefix equal to it was already listed and is skipped.</summary>
    public byte[]? After { get; init; }

    /// <summary>The maximum number of keys and common prefixes on one page.</summary>
    public int MaxKeys { get; init; } = 1000;
}

/// <summary>One page of a listing.</summary>
public sealed class ObjectPage : IListedPage
{
    /// <summary>The objects on the page, in key order.</summary>
    public List<StoredObject> Objects { get; } = [];

    /// <summary>The common prefixes on the page, as UTF-8 bytes, in order.</summary>
    public List<byte[]> CommonPrefixes { get; } = [];

    /// <summary>Whether another page follows.</summary>
    public bool IsTruncated { get; internal set; }

    /// <summary>The last key or common prefix on the page, after which the next page starts.</summary>
    public byte[]? Last { get; internal set; }

    IReadOnlyList<IListedObject> IListedPage.Objects => Objects;

    IReadOnlyList<byte[]> IListedPage.CommonPrefixes => CommonPrefixes;

    internal int Count => Objects.Count + CommonPrefixes.Count;
}
