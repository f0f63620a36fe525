using System.Globalization;
using Tarn.Core.Buckets;
using Tarn.Core.Identity;
using Tarn.Core.Model;

namespace Tarn.Core.Consistency;

/// <summary>
/// The buckets that a rebuild puts objects into: private ones of the server's own organization, which keep versions. A tag says which bucket each stands for, so that a
/// repeated rebuild finds it, and two buckets that had one name at different times stay apart.
/// </summary>
internal sealed class RebuiltBuckets(BucketCatalog buckets, Organization owner, string region)
{
    private const string Prefix = "recovered-";
    private const string Tag = "tarn-recovered-from";
    private const int MaxName = 63;

    private readonly Dictionary<ulong, Bucket> _known = [];

    /// <summary>How many there are.</summary>
    public int Count => _known.Count;

    /// <summary>Finds the bucket that stands for another, and creates it if need be.</summary>
    public async ValueTask<Bucket> GetAsync(ulong id, string name, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue(id, out Bucket? known))
        {
            return known;
        }

        string from = string.Create(CultureInfo.InvariantCulture, $"{id:x16}");
        foreach (string candidate in (string[])[Prefix + name, $"{Prefix}{name}-{from}", Prefix + from])
        {
            if (candidate.Length <= MaxName && BucketName.TryParse(candidate, out BucketName free) && await TryAsync(free, from, cancellationToken) is { } bucket)
            {
                return _known[id] = bucket;
            }
        }

        throw new InvalidOperationException($"The bucket {Prefix}{from} is another's.");
    }

    private async ValueTask<Bucket?> TryAsync(BucketName name, string from, CancellationToken cancellationToken)
    {
        await buckets.CreateAsync(
            name, owner.CanonicalId, owner.DisplayName, region, [BucketTags.Stored.Initially(TagSet.FromStorage([new(Tag, from)]))], cancellationToken);
        Bucket bucket = await buckets.GetAsync(name, cancellationToken);
        if ((await buckets.GetSettingAsync(bucket, BucketTags.Stored, cancellationToken))?.Find(Tag) != from)
        {
            return null;
        }

        if (bucket.Versioning != VersioningState.Enabled)
        {
            await buckets.SetSettingAsync(bucket, BucketVersioning.Stored, new BucketVersioning(VersioningState.Enabled), cancellationToken);
            bucket = await buckets.GetAsync(name, cancellationToken);
        }

        return bucket;
    }
}
