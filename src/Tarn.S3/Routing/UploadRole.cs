namespace Tarn.S3.Routing;

/// <summary>An operation's part in an upload.</summary>
internal enum UploadRole
{
    None,

    /// <summary>It sets the object's metadata, tags and access control list, which need permissions of their own.</summary>
    Begins,

    /// <summary>It adds to or completes a multipart upload; a grantee of the bucket's ACL may do so only as its initiator.</summary>
    Continues,

    /// <summary>It lists the parts of a multipart upload or aborts it, which the initiator is always allowed to do.</summary>
    Manages,
}
