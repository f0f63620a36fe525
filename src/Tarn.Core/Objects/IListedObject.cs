using Tarn.Core.Hashing;
using Tarn.Core.Model;

namespace Tarn.Core.Objects;

/// <summary>What a listing says of an object, wherever its bytes are.</summary>
public interface IListedObject
{
    ObjectKey Key { get; }

    /// <summary>Bytes.</summary>
    long Size { get; }

    /// <summary>To the second.</summary>
    DateTimeOffset LastModified { get; }

    ETag ETag { get; }

    string OwnerId { get; }

    string StorageClass { get; }

    Checksum? Checksum { get; }
}

/// <summary>One page of a listing, wherever its objects are.</summary>
public interface IListedPage
{
    IReadOnlyList<IListedObject> Objects { get; }

    IReadOnlyList<byte[]> CommonPrefixes { get; }

    bool IsTruncated { get; }

    /// <summary>What the next page comes after.</summary>
    byte[]? Last { get; }
}
