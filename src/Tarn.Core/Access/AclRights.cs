using Tarn.Core.Model;
using Tarn.Core.Policy;

namespace Tarn.Core.Access;

/// <summary>The permission that allows an action, and the access control list that must grant it.</summary>
/// <param name="OfObject">Whether it is the object's list, not the bucket's.</param>
/// <param name="Permission"><see cref="AclPermission.None"/> when no list can allow the action.</param>
/// <remarks>Source: Amazon S3 User Guide, "Mapping of ACL permissions and access policy permissions".</remarks>
public readonly record struct AclRight(bool OfObject, AclPermission Permission)
{
    /// <summary>The list and the permission that allow an action.</summary>
    public static AclRight For(S3Action action) => action switch
    {
        S3Action.ListBucket or S3Action.ListBucketVersions or S3Action.ListBucketMultipartUploads => new(false, AclPermission.Read),
        S3Action.PutObject or S3Action.DeleteObject => new(false, AclPermission.Write),
        S3Action.GetBucketAcl => new(false, AclPermission.ReadAcp),
        S3Action.PutBucketAcl => new(false, AclPermission.WriteAcp),
        S3Action.GetObject or S3Action.GetObjectVersion or S3Action.GetObjectAttributes or S3Action.GetObjectVersionAttributes => new(true, AclPermission.Read),
        S3Action.GetObjectAcl or S3Action.GetObjectVersionAcl => new(true, AclPermission.ReadAcp),
        S3Action.PutObjectAcl or S3Action.PutObjectVersionAcl => new(true, AclPermission.WriteAcp),
        _ => default,
    };

    /// <summary>
    /// Whether a grant in the bucket's list allows the action only where the key has no object, or one that the grantee owns: WRITE
    /// "allows grantee to create new objects in the bucket. For the bucket and object owners of existing objects, also allows deletions
    /// and overwrites of those objects". Source: Amazon S3 User Guide, "What permissions can I grant?".
    /// </summary>
    public static bool ReplacesOnlyOwn(S3Action action) => action is S3Action.PutObject or S3Action.DeleteObject;

    /// <summary>Whether the action applies to an existing object, whose owner then decides instead of the bucket's.</summary>
    public static bool ConcernsStoredObject(S3Action action) => action switch
    {
        S3Action.PutObject or S3Action.DeleteObject or S3Action.DeleteObjectVersion or S3Action.AbortMultipartUpload
            or S3Action.ListMultipartUploadParts => false,
        _ => action.Kind() == S3ResourceKinds.Object,
    };
}
