using Tarn.Core.Buckets;
using Tarn.Core.Model;
using Tarn.Core.Policy.Documents;

namespace Tarn.Core.Access;

/// <summary>A bucket's own access settings, decoded.</summary>
public sealed class BucketAccess
{
    /// <summary>A bucket without any settings.</summary>
    public static readonly BucketAccess None = new();

    /// <summary>Null when there is none.</summary>
    public BucketPolicy? Policy { get; init; }

    /// <summary>The bucket's object ownership, which decides whether access control lists count.</summary>
    public ObjectOwnership Ownership { get; init; }

    /// <summary>The bucket's public access block.</summary>
    public PublicAccessBlock Block { get; init; } = PublicAccessBlock.Off;

    /// <summary>The bucket's own access control list; null when the bucket is private to its owner, or lists do not count.</summary>
    public AccessControlList? Acl { get; init; }

    /// <summary>Whether access control lists, the bucket's and its objects', count.</summary>
    public bool TakesAcls => Ownership != ObjectOwnership.BucketOwnerEnforced;

    /// <summary>Reads a bucket's settings, once for each version of the bucket's row.</summary>
    public static ValueTask<BucketAccess> LoadAsync(BucketCatalog buckets, Bucket bucket, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(bucket);
        return bucket.Access is BucketAccess known ? new(known) : ReadAsync(buckets, bucket, cancellationToken);
    }

    private static async ValueTask<BucketAccess> ReadAsync(BucketCatalog buckets, Bucket bucket, CancellationToken cancellationToken)
    {
        bool any = AccessSettings.Policy.IsSet(bucket) || AccessSettings.Ownership.IsSet(bucket)
            || AccessSettings.Block.IsSet(bucket) || AccessSettings.Acl.IsSet(bucket);
        BucketAccess access = None;
        if (any)
        {
            OwnershipControls ownership = await buckets.GetSettingAsync(bucket, AccessSettings.Ownership, cancellationToken) ?? OwnershipControls.Default;
            access = new BucketAccess
            {
                Ownership = ownership.Ownership,
                Policy = (await buckets.GetSettingAsync(bucket, AccessSettings.Policy, cancellationToken))?.Load(bucket.Name),
                Block = await buckets.GetSettingAsync(bucket, AccessSettings.Block, cancellationToken) ?? PublicAccessBlock.Off,
                Acl = ownership.Ownership == ObjectOwnership.BucketOwnerEnforced
                    ? null
                    : await buckets.GetSettingAsync(bucket, AccessSettings.Acl, cancellationToken),
            };
        }

        // What was read is at least as new as the bucket's row, and nobody finds this bucket once the row has changed.
        bucket.Access = access;
        return access;
    }
}
