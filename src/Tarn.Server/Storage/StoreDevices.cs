using Tarn.Backends.RocksDb;

namespace Tarn.Server.Storage;

/// <summary>The stores in one directory, for monitoring their space.</summary>
/// <param name="Metadata">The metadata store, which reserves space for deletes; null while it is not open.</param>
/// <param name="MetadataPath">The directory of the metadata.</param>
/// <param name="BlobsPath">The directory of the blobs.</param>
/// <param name="IsMirror">Whether the directory is the mirror of another one.</param>
internal sealed record StoreDevices(Func<RocksDbKeyValueStore?> Metadata, string MetadataPath, string BlobsPath, bool IsMirror = false);
