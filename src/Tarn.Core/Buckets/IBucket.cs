namespace Tarn.Core.Buckets;

/// <summary>What every kind of bucket has in common: a name, an owner, and what it can do.</summary>
public interface IBucket
{
    string Name { get; }

    /// <summary>Canonical id.</summary>
    string OwnerId { get; }

    string OwnerName { get; }

    BucketCapabilities Capabilities { get; }
}

/// <summary>What a bucket can do. An operation that needs more is refused in one place, whatever the operation.</summary>
[Flags]
public enum BucketCapabilities
{
    None = 0,

    /// <summary>To give the bytes of objects.</summary>
    Reading = 1,

    /// <summary>To be found, to list its objects, and to say what is set of it.</summary>
    Listing = 2,

    /// <summary>To be changed: objects, settings, the bucket itself.</summary>
    Writing = 4,

    All = Reading | Listing | Writing,
}
