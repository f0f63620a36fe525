namespace Tarn.Core.Model;

/// <summary>What a client says of an object beside its bytes; returned on GET and HEAD as it was given.</summary>
public sealed record ObjectMetadata
{
    public const string DefaultContentType = "binary/octet-stream";

    public static ObjectMetadata Empty { get; } = new();

    public string ContentType { get; init; } = DefaultContentType;

    public string? CacheControl { get; init; }

    public string? ContentDisposition { get; init; }

    public string? ContentEncoding { get; init; }

    public string? ContentLanguage { get; init; }

    public string? Expires { get; init; }

    public string StorageClass { get; init; } = StorageClasses.Standard;

    /// <summary>x-amz-meta-* without the prefix, lower-case names, in the order given.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> User { get; init; } = [];

    /// <summary>The object's tags. They and the access control list are all of an object that changes without a new version.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Tags { get; init; } = [];

    /// <summary>Who may do what with the object beside its owner; null when nobody else may do anything. Never copied.</summary>
    public AccessControlList? Acl { get; init; }
}

/// <summary>The storage classes S3 names. Tarn stores every class alike and reports the one that was asked for.</summary>
public static class StorageClasses
{
    public const string Standard = "STANDARD";

    private static readonly HashSet<string> Known = new(StringComparer.Ordinal)
    {
        Standard, "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING",
        "GLACIER", "DEEP_ARCHIVE", "GLACIER_IR", "EXPRESS_ONEZONE",
    };

    public static bool IsKnown(string name) => Known.Contains(name);
}
