namespace Tarn.S3.Routing;

/// <summary>A request header that asks for what an operation does not do: to ignore it would be to promise what the client does not get.</summary>
/// <param name="Name">As S3 spells it; with <c>*</c> at the end, every header whose name begins so.</param>
internal sealed record RefusedHeader(string Name)
{
    /// <summary>Conditions on what is replaced or deleted, for operations that have none.</summary>
    public static readonly RefusedHeader[] Conditions =
    [
        new("If-Match"), new("If-None-Match"), new("If-Unmodified-Since"), new("x-amz-if-match-last-modified-time"), new("x-amz-if-match-size"),
        new("x-amz-if-match-initiated-time"),
    ];

    /// <summary>
    /// Headers that describe an object or the condition under which it is stored. A request that would create a bucket and has one is an upload
    /// whose bucket is in a host name that this server does not know.
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

        // SDKs write the framing of a signed body here too; it does not describe what is stored.
        new("Content-Encoding") { BelongsToObjects = true, Unless = ["aws-chunked"] },
    ];

    /// <summary>Features that S3 has and this server does not; refused on any operation whose row does not accept the header.</summary>
    public static readonly RefusedHeader[] NotBuilt =
    [
        new("x-amz-server-side-encryption*"),
        new("x-amz-copy-source-server-side-encryption*"),
        new("x-amz-object-lock-*"),
        new("x-amz-bucket-object-lock-enabled") { Unless = ["false"] },
        new("x-amz-bucket-object-lock-token"),
        new("x-amz-grant-*"),

        // These two canned lists grant nothing to anybody else.
        new("x-amz-acl") { Unless = ["private", "bucket-owner-full-control"] },
        new("x-amz-checksum-*") { IsChecksum = true },
        new("x-amz-mfa"),
        new("x-amz-write-offset-bytes"),
        new("x-amz-rename-source*"),
        new("x-amz-website-redirect-location"),
        new("x-amz-bucket-namespace") { Unless = ["global"] },
    ];

    /// <summary>Values, in any case, that ask for nothing.</summary>
    public string[] Unless { get; init; } = [];

    /// <summary>Whether the refusal is InvalidRequest (an object's header on a bucket) rather than NotImplemented.</summary>
    public bool BelongsToObjects { get; init; }

    /// <summary>Whether it carries a checksum of an algorithm that is not known.</summary>
    public bool IsChecksum { get; init; }

    /// <summary>Whether it is about a header of this name, in any case.</summary>
    public bool Covers(string name) => Name.EndsWith('*')
        ? name.AsSpan().StartsWith(Name.AsSpan(0, Name.Length - 1), StringComparison.OrdinalIgnoreCase)
        : name.Equals(Name, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether the value asks for nothing, so that the header may pass.</summary>
    public bool Permits(string value) => Array.Exists(Unless, off => value.Equals(off, StringComparison.OrdinalIgnoreCase));
}
