using Tarn.Backends.Files;
using Tarn.Backends.RocksDb;
using Tarn.Core;
using Tarn.Core.Blobs;
using Tarn.Core.KeyValue;
using Tarn.Core.Mirroring;
using Tarn.Server.Configuration;

namespace Tarn.Server.Storage;

/// <summary>The open engines behind the two seams. They are closed once nothing uses them: after requests and background work.</summary>
internal sealed class Engines : IAsyncDisposable
{
    public required IKeyValueStore Metadata { get; init; }

    public required IBlobStore Blobs { get; init; }

    /// <summary>Whether the engines accept writes.</summary>
    public required StoreHealth Health { get; init; }

    /// <summary>The directory that may not be attached as a disk.</summary>
    public required string DataPath { get; init; }

    /// <summary>Where disks with a directory of their own are.</summary>
    public required string DisksPath { get; init; }

    /// <summary>The directory with the files beside the stores: <see cref="DataPath"/>, or the mirror if that leads.</summary>
    public string FilesPath { get; private init; } = "";

    /// <summary>The stores on disk; none for engines in memory.</summary>
    public IReadOnlyList<StoreDevices> Devices { get; init; } = [];

    /// <summary>The mirror; null if there is none.</summary>
    public Mirror? Mirror { get; private init; }

    /// <summary>What is closed after the stores.</summary>
    private List<IDisposable> Held { get; init; } = [];

    /// <summary>Opens the engines that the options name, in the data directory and its mirror.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="random">Generates the id of a new store.</param>
    /// <param name="time">The clock.</param>
    /// <param name="metadataFiles">Files that the metadata may keep open.</param>
    /// <param name="loggers">Create the engines' loggers.</param>
    /// <param name="cancellationToken">Cancels the opening.</param>
    /// <exception cref="StartupException">An engine cannot be opened.</exception>
    public static Task<Engines> OpenAsync(
        ServerOptions options, IRandomSource random, TimeProvider time, int metadataFiles, ILoggerFactory loggers, CancellationToken cancellationToken) =>
        options.Mirror is null
            ? OpenAsync(options, random, time, metadataFiles, loggers)
            : MirroredEngines.OpenAsync(options, options.Mirror, random, time, metadataFiles, loggers, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await Metadata.DisposeAsync();
        await Blobs.DisposeAsync();
        Health.Dispose();
        foreach (IDisposable held in Held)
        {
            held.Dispose();
        }
    }

    /// <summary>The engines over an open mirror.</summary>
    internal static Engines Over(ServerOptions options, Mirror mirror, DirectorySide data, DirectorySide other, StoreHealth health, MirrorLog log) => new()
    {
        Metadata = mirror.Metadata,
        Blobs = mirror.Blobs,
        Mirror = mirror,
        Health = health,
        DataPath = options.Data,
        DisksPath = Path.Combine(options.Data, "disks"),
        FilesPath = mirror.Lead.Name,
        Devices = [data.Devices(isMirror: false), other.Devices(isMirror: true)],
        Held = [log],
    };

    private static async Task<Engines> OpenAsync(ServerOptions options, IRandomSource random, TimeProvider time, int metadataFiles, ILoggerFactory loggers)
    {
        MirrorMark? alone = MirroredEngines.MarkToLeave(options, time);
        DataDirectory? data = DataDirectory.Open(options.Data, random, options.ExpectData);
        var health = new StoreHealth();
        RocksDbKeyValueStore? metadata = null;
        try
        {
            metadata = MetadataStore.Open(data, options, metadataFiles, health, loggers.CreateLogger(typeof(MetadataStore)));
            data.RaiseFormat();
            if (alone is not null)
            {
                MirrorMarkFile.Write(data.Root, alone);
            }

            RocksDbKeyValueStore opened = metadata;
            var engines = new Engines
            {
                Metadata = metadata,
                Blobs = new FileBlobStore(data.Blobs, options.Durability == Durability.Full),
                Health = health,
                DataPath = data.Root,
                DisksPath = data.Disks,
                FilesPath = data.Root,
                Devices = [new StoreDevices(() => opened, data.Metadata, data.Blobs)],
                Held = [data],
            };
            metadata = null;
            data = null;
            return engines;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"cannot open the stores in {options.Data}: {e.Message}", e);
        }
        finally
        {
            if (data is not null)
            {
                if (metadata is not null)
                {
                    await metadata.DisposeAsync();
                }

                health.Dispose();
                data.Dispose();
            }
        }
    }
}
