using Tarn.Core.Buckets;
using Tarn.Core.KeyValue;

namespace Tarn.Core.Objects.Listing;

/// <summary>Lists every version and delete marker of a bucket: by key, newest first within a key.</summary>
public sealed class VersionLister
{
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
        VersionWalk walk = await VersionWalk.StartAsync(view, bucket, query, cancellationToken);
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
}
