namespace Tarn.S3.Routing;

/// <summary>A request header that asks for what an operation does not do: to ignore it would be to promise what the client does not get.</summary>
/// <param name="Name">As S3 spells it; with <c>*</c> at the end, every header whose name begins so.</param>
internal sealed record RefusedHeader(string Name)
{
    /// <summary>Conditions on what is replaced or deleted, which only whole objects have.</summary>
    public static readonly RefusedHeader[] Conditions =
    [
        new("If-Match"), new("If-None-Match"), new("If-Unmodified-Since"), new("x-amz-if-match-last-modified-time"), new("x-amz-if-match-size"),
        new("x-amz-if-match-initiated-time"),
    ];

    /// <summary>
    /// What says what an object is, or under which condition it is stored. A request to create a bucket that has it is an upload whose bucket
    /// is in a host name that this server does not know.
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

        // The framing of a signed body is written here too, and says nothing about what is stored.
        new("Content-Encoding") { BelongsToObjects = true, Unless = ["aws-chunked"] },
    ];

    /// <summary>What S3 knows and this server does not, on any operation that does not list the header as its own.</summary>
    public static readonly RefusedHeader[] NotBuilt =
    [
        new("x-amz-server-side-encryption*"),
        new("x-amz-copy-source-server-side-encryption*"),
        new("x-amz-object-lock-*"),
        new("x-amz-bucket-object-lock-enabled") { Unless = ["false"] },
        new("x-amz-bucket-object-lock-token"),
        new("x-amz-grant-*"),

        // The two canned lists give nothing to anybody else.
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

    /// <summary>Whether it is refused as InvalidRequest, since the request addresses a bucket, in place of NotImplemented.</summary>
    public bool BelongsToObjects { get; init; }

    /// <summary>Whether it carries a checksum of an algorithm that is not known.</summary>
    public bool IsChecksum { get; init; }

    /// <summary>Whether a header's name is meant.</summary>
    public bool Covers(string name) => Name.EndsWith('*')
        ? name.AsSpan().StartsWith(Name.AsSpan(0, Name.Length - 1), StringComparison.OrdinalIgnoreCase)
        : name.Equals(Name, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a header's value asks for nothing.</summary>
    public bool Permits(string value) => Array.Exists(Unless, off => value.Equals(off, StringComparison.OrdinalIgnoreCase));
}
