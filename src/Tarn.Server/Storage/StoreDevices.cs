using Tarn.Backends.RocksDb;

namespace Tarn.Server.Storage;

/// <summary>The stores on disk, for monitoring their space.</summary>
/// <param name="Metadata">The metadata store, which reserves space for deletes.</param>
/// <param name="MetadataPath">The directory of the metadata.</param>
/// <param name="BlobsPath">The directory of the blobs.</param>
internal sealed record StoreDevices(RocksDbKeyValueStore Metadata, string MetadataPath, string BlobsPath);
