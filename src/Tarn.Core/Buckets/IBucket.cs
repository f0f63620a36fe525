namespace Tarn.Core.Buckets;

/// <summary>What every kind of bucket has: a name, an owner and capabilities.</summary>
public interface IBucket
{
    /// <summary>The bucket's name.</summary>
    string Name { get; }

    /// <summary>Canonical user id of the owner.</summary>
    string OwnerId { get; }

    /// <summary>The owner's display name.</summary>
    string OwnerName { get; }

    /// <summary>What the bucket can do.</summary>
    BucketCapabilities Capabilities { get; }
}

/// <summary>What a bucket can do. Operations that need more are refused in one place.</summary>
[Flags]
public enum BucketCapabilities
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Its objects can be read.</summary>
    Reading = 1,

    /// <summary>It can be found, its objects listed and its settings read.</summary>
    Listing = 2,

    /// <summary>Its objects, its settings and the bucket itself can be changed.</summary>
    Writing = 4,

    /// <summary>All capabilities, those of an object bucket.</summary>
    All = Reading | Listing | Writing,
}
