namespace Tarn.S3.Routing;

/// <summary>A request header that asks for something that an operation does not support and must not silently ignore.</summary>
/// <param name="Name">The name as S3 spells it; a trailing <c>*</c> matches every header with this prefix.</param>
internal sealed record RefusedHeader(string Name)
{
    /// <summary>Conditions on the object to replace or delete, for operations that do not support them.</summary>
    public static readonly RefusedHeader[] Conditions =
    [
        new("If-Match"), new("If-None-Match"), new("If-Unmodified-Since"), new("x-amz-if-match-last-modified-time"), new("x-amz-if-match-size"),
        new("x-amz-if-match-initiated-time"),
    ];

    /// <summary>
    /// Headers that describe an object or a condition for storing it. A request to create a bucket that has one is really an upload
    /// with its bucket in a host name that this server does not know.
    /// </summary>
    public static readonly RefusedHeader[] OfObjects =
    [
        new("x-amz-meta-*") { BelongsToObjects = true },
        new("x-amz-copy-source*") { BelongsToObjects = true },
        new("x-amz-metadata-directive") { BelongsToObjects = true },
        new("x-amz-storage-class") { BelongsToObjects = true },
        new("x-amz-tagging") { BelongsToObjects = true },
        new("x-amz-tagging-directive") { BelongsToObjects = true },
        new("If-*") { BelongsToObjects = true },
        new("Cache-Control") { BelongsToObjects = true },
        new("Content-Disposition") { BelongsToObjects = true },
        new("Content-Language") { BelongsToObjects = true },
        new("Expires") { BelongsToObjects = true },

        // SDKs also put the framing of a signed body here, which does not describe the stored object.
        new("Content-Encoding") { BelongsToObjects = true, Unless = ["aws-chunked"] },
    ];

    /// <summary>Features of S3's that this server does not have; refused for every operation whose row does not accept the header.</summary>
    public static readonly RefusedHeader[] NotImplemented =
    [
        new("x-amz-server-side-encryption*"),
        new("x-amz-copy-source-server-side-encryption*"),
        new("x-amz-object-lock-*"),
        new("x-amz-bucket-object-lock-enabled") { Unless = ["false"] },
        new("x-amz-bucket-object-lock-token"),
        new("x-amz-grant-*"),

        // These two canned ACLs grant nothing to anybody else.
        new("x-amz-acl") { Unless = ["private", "bucket-owner-full-control"] },
        new("x-amz-checksum-*") { IsChecksum = true },
        new("x-amz-mfa"),
        new("x-amz-write-offset-bytes"),
        new("x-amz-rename-source*"),
        new("x-amz-website-redirect-location"),
        new("x-amz-bucket-namespace") { Unless = ["global"] },
    ];

    /// <summary>Values, case-insensitive, that ask for nothing.</summary>
    public string[] Unless { get; init; } = [];

    /// <summary>Whether the refusal is InvalidRequest (an object's header on a bucket) rather than NotImplemented.</summary>
    public bool BelongsToObjects { get; init; }

    /// <summary>Whether it carries a checksum with an unknown algorithm.</summary>
    public bool IsChecksum { get; init; }

    /// <summary>Whether it matches a header name, case-insensitively.</summary>
    public bool Covers(string name) => Name.EndsWith('*')
        ? name.AsSpan().StartsWith(Name.AsSpan(0, Name.Length - 1), StringComparison.OrdinalIgnoreCase)
        : name.Equals(Name, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether the value asks for nothing, so that the header is accepted.</summary>
    public bool Permits(string value) => Array.Exists(Unless, off => value.Equals(off, StringComparison.OrdinalIgnoreCase));
}
