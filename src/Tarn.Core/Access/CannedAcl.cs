using Tarn.Core.Model;

namespace Tarn.Core.Access;

/// <summary>Expands canned access control lists. Source: Amazon S3 User Guide, "Canned ACL".</summary>
public static class CannedAcl
{
    /// <summary>The list that a name stands for; null for an unknown name.</summary>
    /// <param name="name">As in <c>x-amz-acl</c>.</param>
    /// <param name="ownerId">The owner of the bucket or object that gets the list.</param>
    /// <param name="bucketOwnerId">For an object, the owner of its bucket; null for a bucket, which ignores the two names that refer to it.</param>
    public static AccessControlList? Expand(string name, string ownerId, string? bucketOwnerId)
    {
        List<Grant> grants = [new(Grantee.Canonical(ownerId), AclPermission.FullControl)];
        switch (name)
        {
            case "private":
                break;
            case "public-read":
                grants.Add(new(Grantee.AllUsers, AclPermission.Read));
                break;
            case "public-read-write":
                grants.Add(new(Grantee.AllUsers, AclPermission.Read));
                grants.Add(new(Grantee.AllUsers, AclPermission.Write));
                break;
            case "authenticated-read":
                grants.Add(new(Grantee.AuthenticatedUsers, AclPermission.Read));
                break;
            case "bucket-owner-read":
                AddBucketOwner(AclPermission.Read);
                break;
            case "bucket-owner-full-control":
                AddBucketOwner(AclPermission.FullControl);
                break;
            case "log-delivery-write" when bucketOwnerId is null:
                grants.Add(new(Grantee.LogDelivery, AclPermission.Write));
                grants.Add(new(Grantee.LogDelivery, AclPermission.ReadAcp));
                break;

            // On AWS this one also lets EC2 read machine images; there are none here, so it grants to the owner alone.
            case "aws-exec-read":
                break;
            default:
                return null;
        }

        return AccessControlList.FromStorage(grants);

        void AddBucketOwner(AclPermission permission)
        {
            if (bucketOwnerId is not null && bucketOwnerId != ownerId)
            {
                grants.Add(new(Grantee.Canonical(bucketOwnerId), permission));
            }
        }
    }
}
