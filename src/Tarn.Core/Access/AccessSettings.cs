using Tarn.Core.Buckets;
using Tarn.Core.Model;
using Tarn.Core.Records;

namespace Tarn.Core.Access;

/// <summary>How a bucket stores its access settings. <see cref="BucketAccess"/> reads them together.</summary>
public static class AccessSettings
{
    /// <summary>Who owns objects that other accounts write.</summary>
    public static readonly SettingRow<OwnershipControls> Ownership =
        new(BucketConfiguration.OwnershipControls, static controls => controls.Encode(), static (bytes, _) => OwnershipControls.Decode(bytes));

    /// <summary>What keeps the bucket from becoming public.</summary>
    public static readonly SettingRow<PublicAccessBlock> Block =
        new(BucketConfiguration.PublicAccessBlock, static block => block.Encode(), static (bytes, _) => PublicAccessBlock.Decode(bytes));

    /// <summary>The bucket's own access control list. Not set when the bucket is private to its owner.</summary>
    public static readonly SettingRow<AccessControlList> Acl =
        new(BucketConfiguration.Acl, static acl => acl.Encode(), static (bytes, _) => AclCodec.Decode(bytes));

    /// <summary>The policy's text, as it was put. It is rarely read and so not cached.</summary>
    public static readonly SettingRow<StoredBucketPolicy> Policy =
        new(BucketConfiguration.Policy, static policy => policy.Encode(), static (bytes, _) => StoredBucketPolicy.Decode(bytes)) { IsCached = false };
}
