using Tarn.Core.Hashing;
using Tarn.Core.Model;

namespace Tarn.Core.Objects;

/// <summary>An object as a listing shows it, wherever its bytes are.</summary>
public interface IListedObject
{
    /// <summary>The object's key.</summary>
    ObjectKey Key { get; }

    /// <summary>Bytes.</summary>
    long Size { get; }

    /// <summary>To the second.</summary>
    DateTimeOffset LastModified { get; }

    /// <summary>The entity tag.</summary>
    ETag ETag { get; }

    /// <summary>Canonical user id of the owner.</summary>
    string OwnerId { get; }

    /// <summary>The storage class, by S3's name for it.</summary>
    string StorageClass { get; }

    /// <summary>The stored checksum; null when there is none.</summary>
    Checksum? Checksum { get; }
}

/// <summary>One page of a listing, wherever its objects are.</summary>
public interface IListedPage
{
    /// <summary>The objects on the page, in key order.</summary>
    IReadOnlyList<IListedObject> Objects { get; }

    /// <summary>The common prefixes on the page, as UTF-8 bytes, in order.</summary>
    IReadOnlyList<byte[]> CommonPrefixes { get; }

    /// <summary>Whether another page follows.</summary>
    bool IsTruncated { get; }

    /// <summary>The key or common prefix after which the next page starts.</summary>
    byte[]? Last { get; }
}
