using Tarn.Core;
using Tarn.Core.Files;
using Tarn.Core.Mirroring;
using Tarn.Server.Configuration;

namespace Tarn.Server.Storage;

/// <summary>Opens the engines of a server with a mirror. docs/design/mirror.md.</summary>
internal static class MirroredEngines
{
    /// <exception cref="StartupException">The mirror cannot be opened, or must not be.</exception>
    public static async Task<Engines> OpenAsync(
        ServerOptions options, string mirrorPath, IRandomSource random, TimeProvider time, int metadataFiles, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        MetadataStore.AddThreads(2);
        ILogger metadataLog = loggers.CreateLogger(typeof(MetadataStore));
        var data = new DirectorySide(options.Data, mirrorPath, options, metadataFiles, random, metadataLog);
        var other = new DirectorySide(mirrorPath, options.Data, options, metadataFiles, random, metadataLog);
        bool isNew = data.Look() is { Problem: null, IsEmpty: true } && other.Look() is { Problem: null, IsEmpty: true };
        if (options.ExpectData && isNew)
        {
            throw new StartupException(
                $"{Settings.ExpectData.Flag}: there is no store in {options.Data} nor in {mirrorPath}: are their file systems mounted? To create one, start once without {Settings.ExpectData.Flag}");
        }

        var health = new StoreHealth();
        var log = new MirrorLog(health, loggers.CreateLogger<Mirror>());
        Engines? engines = null;
        Mirror? mirror = null;
        try
        {
            mirror = await Mirror.OpenAsync(
                data,
                other,
                new MirrorOptions { Time = time, Random = random, Events = log, AcceptStale = options.MirrorAcceptStale, Rebuild = options.MirrorRebuild },
                cancellationToken);
            log.Show(mirror);
            WarnOfOneDevice(options.Data, mirrorPath, log);
            Engines over = Engines.Over(options, mirror, data, other, health, log);
            Mirror whole = mirror;
            await MetadataAge.CheckAsync(over.Open, mirror.Metadata, isNew, (stores, cause) => whole.LoseAsync(stores.Root == data.Name ? data : other, cause));
            if (options.MasterKey is null)
            {
                await UseSideWithKeyAsync(mirror, data, other);
            }

            return engines = over;
        }
        catch (Exception e) when (e is MirrorRefusedException or Core.KeyValue.StoreLockedException)
        {
            throw new StartupException(e.Message, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DllNotFoundException)
        {
            throw new StartupException($"cannot open the mirror of {options.Data} and {mirrorPath}: {e.Message}", e);
        }
        finally
        {
            if (engines is null)
            {
                if (mirror is not null)
                {
                    await mirror.DisposeAsync();
                }

                log.Dispose();
                health.Dispose();
            }
        }
    }

    /// <summary>The mark to write when one side of a mirror is started without the other; null for none.</summary>
    /// <exception cref="StartupException">The other side may have later writes, and the settings do not accept that.</exception>
    public static MirrorMark? MarkToLeave(ServerOptions options, TimeProvider time)
    {
        try
        {
            return MirrorMarkFile.Find(options.Data) is { } mark && MirrorStart.DecideAlone(options.Data, mark, options.MirrorAcceptStale)
                ? mark with { Epoch = mark.Epoch + 1, Standing = MirrorStanding.Alone, Since = time.GetUtcNow() }
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException(e.Message, e);
        }
    }

    /// <summary>Gives up the leading side if its generated master key cannot be read and that of the other side can: without one the server does not start.</summary>
    private static async Task UseSideWithKeyAsync(Mirror mirror, DirectorySide data, DirectorySide other)
    {
        MirrorSide lead = mirror.Lead, rest = lead == data ? other : data;
        if (WhyNoKey(lead) is { } cause && WhyNoKey(rest) is null)
        {
            await mirror.LoseAsync(lead, cause);
        }
    }

    private static Exception? WhyNoKey(MirrorSide side)
    {
        try
        {
            File.ReadAllBytes(Path.Combine(side.Name, DataDirectory.MasterKeyName));
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e;
        }
    }

    /// <summary>A directory, or the closest above it that exists: the side may not be filled yet.</summary>
    private static string Nearest(string path)
    {
        while (!Directory.Exists(path) && Path.GetDirectoryName(path) is { } parent)
        {
            path = parent;
        }

        return path;
    }

    private static ulong? SharedDevice(string one, string other) =>
        FileDevice.Of(Nearest(one)) is { } device && device == FileDevice.Of(Nearest(other)) ? device : null;

    private static void WarnOfOneDevice(string data, string mirror, MirrorLog log)
    {
        ulong? shared = SharedDevice(data, mirror);
        if (shared is not null)
        {
            log.OnOneDevice(data, mirror);
        }

        // Each store may be a file system of its own.
        foreach (string part in (ReadOnlySpan<string>)["meta", "blobs"])
        {
            string here = Path.Combine(data, part);
            string there = Path.Combine(mirror, part);
            if (SharedDevice(here, there) is { } device && device != shared)
            {
                log.OnOneDevice(here, there);
            }
        }
    }
}
