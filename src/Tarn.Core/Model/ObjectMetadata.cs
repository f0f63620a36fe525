namespace Tarn.Core.Model;

/// <summary>What a client sets on an object apart from its bytes; GET and HEAD return it as given.</summary>
public sealed record ObjectMetadata
{
    /// <summary>The Content-Type of an object that was stored without one.</summary>
    public const string DefaultContentType = "binary/octet-stream";

    /// <summary>Nothing but defaults.</summary>
    public static ObjectMetadata Empty { get; } = new();

    /// <summary>Content-Type.</summary>
    public string ContentType { get; init; } = DefaultContentType;

    /// <summary>Cache-Control; null for none.</summary>
    public string? CacheControl { get; init; }

    /// <summary>Content-Disposition; null for none.</summary>
    public string? ContentDisposition { get; init; }

    /// <summary>Content-Encoding, without aws-chunked; null for none.</summary>
    public string? ContentEncoding { get; init; }

    /// <summary>Content-Language; null for none.</summary>
    public string? ContentLanguage { get; init; }

    /// <summary>Expires, as it was sent; null for none.</summary>
    public string? Expires { get; init; }

    /// <summary>The storage class, by S3's name for it.</summary>
    public string StorageClass { get; init; } = StorageClasses.Standard;

    /// <summary>The x-amz-meta-* headers: lower-case names without the prefix, in the order given.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> User { get; init; } = [];

    /// <summary>The object's tags. Only they and the access control list can change without a new version.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Tags { get; init; } = [];

    /// <summary>The access control list; null for the default, by which only the owner has access. Never copied with the object.</summary>
    public AccessControlList? Acl { get; init; }
}

/// <summary>S3's storage classes. Tarn stores every class alike and reports the requested one.</summary>
public static class StorageClasses
{
    /// <summary>The default class.</summary>
    public const string Standard = "STANDARD";

    private static readonly HashSet<string> Known = new(StringComparer.Ordinal)
    {
        Standard, "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING",
        "GLACIER", "DEEP_ARCHIVE", "GLACIER_IR", "EXPRESS_ONEZONE",
    };

    /// <summary>Whether S3 has a storage class with this name.</summary>
    public static bool IsKnown(string name) => Known.Contains(name);
}
