using Tarn.Backends.Files;
using Tarn.Backends.RocksDb;
using Tarn.Core.Blobs;
using Tarn.Core.KeyValue;
using Tarn.Server.Configuration;

namespace Tarn.Server.Storage;

/// <summary>The open engines behind the two seams. They are closed once nothing uses them: after requests and background work.</summary>
internal sealed class Engines : IAsyncDisposable
{
    public required IKeyValueStore Metadata { get; init; }

    /// <summary>The metadata, with its time measured for the requests that use it. What is more than a key-value store, such as checkpoints, is on <see cref="Metadata"/>.</summary>
    public IKeyValueStore Rows => field ??= new MeasuredKeyValueStore(Metadata);

    public required IBlobStore Blobs { get; init; }

    /// <summary>Whether the engines accept writes.</summary>
    public required StoreHealth Health { get; init; }

    /// <summary>The directory that may not be attached as a disk.</summary>
    public required string DataPath { get; init; }

    /// <summary>Where disks with a directory of their own are.</summary>
    public required string DisksPath { get; init; }

    /// <summary>The stores on disk; null for engines in memory.</summary>
    public StoreDevices? Devices { get; init; }

    /// <summary>Opens the engines that the options name, in the data directory.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="data">The data directory, locked by this process.</param>
    /// <param name="metadataFiles">Files that the metadata may keep open.</param>
    /// <param name="loggers">Create the engines' loggers.</param>
    /// <exception cref="StartupException">An engine cannot be opened.</exception>
    public static async Task<Engines> OpenAsync(ServerOptions options, DataDirectory data, int metadataFiles, ILoggerFactory loggers)
    {
        var health = new StoreHealth();
        RocksDbKeyValueStore? metadata = null;
        try
        {
            bool isNew = !RocksDbKeyValueStore.Exists(data.Metadata);
            metadata = MetadataStore.Open(data, options, metadataFiles, health, loggers.CreateLogger(typeof(MetadataStore)));
            await MetadataAge.CheckAsync(data.Root, data.Blobs, metadata, isNew);
            data.RaiseFormat();
            var engines = new Engines
            {
                Metadata = metadata,
                Blobs = new FileBlobStore(data.Blobs, options.Durability == Durability.Full),
                Health = health,
                DataPath = data.Root,
                DisksPath = data.Disks,
                Devices = new StoreDevices(metadata, data.Metadata, data.Blobs),
            };
            metadata = null;
            return engines;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"cannot open the stores in {data.Root}: {e.Message}", e);
        }
        finally
        {
            if (metadata is not null)
            {
                await metadata.DisposeAsync();
                health.Dispose();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Devices is { } devices)
        {
            await RaiseAsync(devices.BlobsPath);
        }

        await Metadata.DisposeAsync();
        await Blobs.DisposeAsync();
        Health.Dispose();
    }

    private async Task RaiseAsync(string blobs)
    {
        try
        {
            await MetadataAge.RaiseAsync(blobs, Metadata);
        }
        catch (Exception e) when (e is IOException or StoreFailedException or UnauthorizedAccessException)
        {
            // The failure of the store was logged when it happened, and the server ends in any case. The number stays as the start left it.
        }
    }
}
