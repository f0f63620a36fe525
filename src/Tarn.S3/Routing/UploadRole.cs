namespace Tarn.S3.Routing;

/// <summary>An operation's part in an upload.</summary>
internal enum UploadRole
{
    None,

    /// <summary>It sets the object's metadata, tags and access control list, which need permissions of their own.</summary>
    Begins,

    /// <summary>It adds to or completes a multipart upload, whose initiator a bucket's access control list limits it to.</summary>
    Continues,

    /// <summary>It shows or aborts a multipart upload, which the upload's initiator always may.</summary>
    Manages,
}
