using Tarn.Backends.Files;
using Tarn.Backends.RocksDb;
using Tarn.Backends.RocksDb.Interop;
using Tarn.Core.KeyValue;
using Tarn.Server.Configuration;

namespace Tarn.Server.Storage;

/// <summary>The stores of a data directory that no server runs on, or of a copy of one, opened only to read: nothing is written, so the file system may be read-only.</summary>
internal sealed class OfflineStore : IAsyncDisposable
{
    private readonly FileStream? _lock;

    private OfflineStore(FileStream? held, RocksDbReader? metadata, FileBlobStore blobs)
    {
        _lock = held;
        Metadata = metadata;
        Blobs = blobs;
    }

    /// <summary>The metadata; null when it was not asked for, or is damaged.</summary>
    public RocksDbReader? Metadata { get; }

    /// <summary>Why the metadata cannot be opened; null when it can, or was not asked for.</summary>
    public string? MetadataProblem { get; private init; }

    /// <summary>What was left out when the metadata was opened, sentence by sentence.</summary>
    public IReadOnlyList<string> Notices { get; private init; } = [];

    public FileBlobStore Blobs { get; }

    /// <summary>Opens both stores.</summary>
    /// <exception cref="StartupException">A server uses the directory; it is not a store; a newer build wrote it; the metadata is missing.</exception>
    public static OfflineStore Open(string root) => Open(root, withMetadata: true);

    /// <summary>Opens the blobs, of a store whose metadata may be lost.</summary>
    /// <exception cref="StartupException">A server uses the directory; there are no blobs; a newer build wrote it.</exception>
    public static OfflineStore OpenBlobs(string root) => Open(root, withMetadata: false);

    public async ValueTask DisposeAsync()
    {
        if (Metadata is not null)
        {
            await Metadata.DisposeAsync();
        }

        await Blobs.DisposeAsync();
        _lock?.Dispose();
    }

    private static OfflineStore Open(string root, bool withMetadata)
    {
        string meta = Path.Combine(root, "meta");
        string blobs = Path.Combine(root, "blobs");
        FileStream? held = null;
        try
        {
            if (!Directory.Exists(blobs))
            {
                throw new StartupException($"there is no store in {root}: it has no directory {blobs}");
            }

            held = DataDirectory.LockToRead(root);
            StoreFormat.ThrowIfUnreadable(root);
            // The blobs first: open to read they hold nothing that would have to be closed when the metadata cannot be opened.
            var files = FileBlobStore.OpenToRead(blobs);
            RocksDbReader? metadata = null;
            string? problem = null;
            var notices = new List<string>();
            if (withMetadata)
            {
                if (!RocksDbKeyValueStore.Exists(meta))
                {
                    throw new StartupException(
                        $"there is no metadata in {meta}. If it is lost, restore a backup; without one, tarn fsck --rebuild makes a new store of what the blobs tell");
                }

                StoreId.Check(root, meta, blobs);
                (metadata, problem) = OpenMetadata(meta, new RocksDbOptions { Notice = notices.Add });
            }

            var store = new OfflineStore(held, metadata, files) { MetadataProblem = problem, Notices = notices };
            held = null;
            return store;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DllNotFoundException)
        {
            throw new StartupException($"cannot read the data directory {root}: {e.Message}", e);
        }
        finally
        {
            held?.Dispose();
        }
    }

    private static (RocksDbReader? Metadata, string? Problem) OpenMetadata(string directory, RocksDbOptions options)
    {
        try
        {
            return (RocksDbReader.Open(directory, options), null);
        }
        catch (StoreDamagedException e)
        {
            return (null, e.Message);
        }
    }
}
