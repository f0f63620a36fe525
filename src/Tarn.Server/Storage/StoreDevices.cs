using Tarn.Backends.RocksDb;

namespace Tarn.Server.Storage;

/// <summary>The stores in one directory, for what looks at their devices.</summary>
/// <param name="Metadata">The metadata store, which reserves space for deletes; null while it is not open.</param>
/// <param name="Root">The data directory.</param>
/// <param name="IsMirror">Whether it is the mirror of another one.</param>
internal sealed record StoreDevices(Func<RocksDbKeyValueStore?> Metadata, string Root, bool IsMirror = false)
{
    /// <summary>What the status and metrics call the device of the metadata.</summary>
    public string MetadataName => IsMirror ? "mirror_metadata" : "metadata";

    /// <summary>What the status and metrics call the device of the blobs.</summary>
    public string BlobsName => IsMirror ? "mirror_blobs" : "blobs";

    /// <summary>The directory of the metadata.</summary>
    public string MetadataPath => Path.Combine(Root, "meta");

    /// <summary>The directory of the blobs.</summary>
    public string BlobsPath => Path.Combine(Root, "blobs");
}
