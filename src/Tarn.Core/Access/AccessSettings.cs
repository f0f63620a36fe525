using Tarn.Core.Buckets;
using Tarn.Core.Model;

namespace Tarn.Core.Access;

/// <summary>How a bucket stores what it says about access. <see cref="BucketAccess"/> reads them together.</summary>
public static class AccessSettings
{
    /// <summary>Whose the objects are that others write.</summary>
    public static readonly SettingRow<OwnershipControls> Ownership =
        new(BucketConfiguration.OwnershipControls, static controls => controls.Encode(), static (bytes, _) => OwnershipControls.Decode(bytes));

    /// <summary>What keeps the bucket from becoming public.</summary>
    public static readonly SettingRow<PublicAccessBlock> Block =
        new(BucketConfiguration.PublicAccessBlock, static block => block.Encode(), static (bytes, _) => PublicAccessBlock.Decode(bytes));

    /// <summary>The bucket's own list. Not set where the owner alone may do anything.</summary>
    public static readonly SettingRow<AccessControlList> Acl =
        new(BucketConfiguration.Acl, static acl => acl.Encode(), static (bytes, _) => AclCodec.Decode(bytes));

    /// <summary>The policy's text, as it was put. It is read back rarely and so not kept.</summary>
    public static readonly SettingRow<StoredBucketPolicy> Policy =
        new(BucketConfiguration.Policy, static policy => policy.Encode(), static (bytes, _) => StoredBucketPolicy.Decode(bytes)) { IsCached = false };
}
