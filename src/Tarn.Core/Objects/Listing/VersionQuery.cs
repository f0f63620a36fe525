namespace Tarn.Core.Objects.Listing;

/// <summary>Which versions to list.</summary>
public sealed record VersionQuery
{
    /// <summary>Only keys that begin with these bytes.</summary>
    public byte[] Prefix { get; init; } = [];

    /// <summary>Keys that contain these bytes after the prefix are rolled up into a common prefix; empty for none.</summary>
    public byte[] Delimiter { get; init; } = [];

    /// <summary>Only keys after this one; with <see cref="VersionMarker"/>, older versions of this key too.</summary>
    public byte[]? KeyMarker { get; init; }

    /// <summary>Only versions of the key marker older than this one: "null" or a version id; null for none.</summary>
    public string? VersionMarker { get; init; }

    /// <summary>The maximum number of versions and common prefixes on one page.</summary>
    public int MaxKeys { get; init; } = 1000;
}
