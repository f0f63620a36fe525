using Tarn.Core.Model;

namespace Tarn.Core.Objects.Listing;

/// <summary>One version in a listing.</summary>
public sealed record ListedVersion(StoredObject Version, bool IsLatest)
{
    /// <summary>The version's key.</summary>
    public ObjectKey Key => Version.Key;
}

/// <summary>One page of versions.</summary>
public sealed class VersionPage
{
    /// <summary>The versions on the page: by key, newest first within a key.</summary>
    public List<ListedVersion> Versions { get; } = [];

    /// <summary>The common prefixes on the page, as UTF-8 bytes, in order.</summary>
    public List<byte[]> CommonPrefixes { get; } = [];

    /// <summary>Whether another page follows.</summary>
    public bool IsTruncated { get; internal set; }

    /// <summary>The last key or common prefix on the page.</summary>
    public byte[]? LastKey { get; private set; }

    /// <summary>The last version on the page; null when the page ends with a common prefix.</summary>
    public string? LastVersion { get; private set; }

    internal int Count => Versions.Count + CommonPrefixes.Count;

    internal void Add(ListedVersion version)
    {
        Versions.Add(version);
        LastKey = version.Key.Utf8;
        LastVersion = version.Version.VersionName;
    }

    internal void Add(byte[] common)
    {
        CommonPrefixes.Add(common);
        LastKey = common;
        LastVersion = null;
    }
}
