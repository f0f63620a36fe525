using Tarn.Backends.RocksDb;

namespace Tarn.Server.Storage;

/// <summary>What is on disk of the stores, for those that watch its room.</summary>
/// <param name="Metadata">Keeps room for deletes.</param>
/// <param name="MetadataPath">The directory of the metadata.</param>
/// <param name="BlobsPath">The directory of the blobs.</param>
internal sealed record StoreDevices(RocksDbKeyValueStore Metadata, string MetadataPath, string BlobsPath);
