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

    /// <summary>The metadata, with its time measured for the requests that use it. What is more than a key-value store, such as checkpoints, is on <see cref="Metadata"/>.</summary>
    public IKeyValueStore Rows => field ??= new MeasuredKeyValueStore(Metadata);

    public required IBlobStore Blobs { get; init; }

    /// <summary>Whether the engines accept writes.</summary>
    public required StoreHealth Health { get; init; }

    /// <summary>The directory that may not be attached as a disk.</summary>
    public required string DataPath { get; init; }

    /// <summary>Where disks with a directory of their own are.</summary>
    public required string DisksPath { get; init; }

    /// <summary>The stores on disk: the data directory's, and its mirror's if there is one; none for engines in memory.</summary>
    public IReadOnlyList<StoreDevices> Devices { get; init; } = [];

    /// <summary>Those that are open at this moment: a side of a mirror may be lost.</summary>
    public IReadOnlyList<StoreDevices> Open => [.. Devices.Where(static stores => stores.Metadata() is not null)];

    /// <summary>The stores that answer reads at this moment, with the files beside them; null for engines in memory.</summary>
    public StoreDevices? Lead => Mirror is { } mirror ? Devices.First(stores => stores.Root == mirror.Lead.Name) : Devices is [var own, ..] ? own : null;

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
        if (Devices.Count > 0)
        {
            await RaiseAgeAsync();
        }

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
        Devices = [data.Devices(isMirror: false), other.Devices(isMirror: true)],
        Held = [log],
    };

    private static async Task<Engines> OpenAsync(ServerOptions options, IRandomSource random, TimeProvider time, int metadataFiles, ILoggerFactory loggers)
    {
        MirroredEngines.MarkToLeave(options, time);
        DataDirectory? data = DataDirectory.Open(options.Data, random, options.ExpectData, isDev: options.UsesDevKey);
        var health = new StoreHealth();
        RocksDbKeyValueStore? metadata = null;
        try
        {
            // Once more: until the directory was locked, a server with the mirror may have used it.
            MirrorMark? alone = MirroredEngines.MarkToLeave(options, time);
            bool isNew = !RocksDbKeyValueStore.Exists(data.Metadata);
            metadata = MetadataStore.Open(data, options, metadataFiles, health, loggers.CreateLogger(typeof(MetadataStore)));
            RocksDbKeyValueStore opened = metadata;
            var stores = new StoreDevices(() => opened, data.Root);
            await MetadataAge.CheckAsync([stores], metadata, isNew);
            data.RaiseFormat();
            if (alone is not null)
            {
                KeptOrphans.Keep(data.Root, MirrorStart.ForcedReason);
                MirrorMarkFile.Write(data.Root, alone);
            }

            var engines = new Engines
            {
                Metadata = metadata,
                Blobs = new FileBlobStore(data.Blobs, options.Durability == Durability.Full),
                Health = health,
                DataPath = data.Root,
                DisksPath = data.Disks,
                Devices = [stores],
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

    private async Task RaiseAgeAsync()
    {
        try
        {
            await MetadataAge.RaiseAsync(Open, Metadata);
        }
        catch (Exception e) when (e is IOException or StoreFailedException or UnauthorizedAccessException)
        {
            // The failure of the store was logged when it happened, and the server ends in any case. The number stays as the start left it.
        }
    }
}
