using Microsoft.Extensions.DependencyInjection.Extensions;
using Tarn.Backends.Files;
using Tarn.Core;
using Tarn.Core.Buckets;
using Tarn.Core.Disks;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Disks.Listing;
using Tarn.Core.Identity;
using Tarn.Core.Jobs;
using Tarn.Core.Lifecycle;
using Tarn.Core.Logging;
using Tarn.Core.Sharing;
using Tarn.Core.Storage;
using Tarn.Server.Configuration;

namespace Tarn.Server.Storage;

/// <summary>Registers what is built on the engines: object buckets, disks and share links.</summary>
internal static class StorageServices
{
    /// <summary>Bytes that lines of logs leave free on their disk: twice what blobs leave, so that writes go on when logs no longer can.</summary>
    private const long SpoolReserve = 512L << 20;

    /// <param name="services">The services to add to, which contain the options and the clock; identity is added separately.</param>
    /// <param name="engines">The caller keeps ownership, and closes them after the host is disposed.</param>
    public static IServiceCollection AddTarnStorage(this IServiceCollection services, Engines engines)
    {
        services.TryAddSingleton<IRandomSource>(SystemRandomSource.Instance);
        return services
            .AddSingleton(engines)
            .AddSingleton(engines.Rows)
            .AddSingleton(engines.Blobs)
            .AddSingleton(engines.Health)
            .AddObjects(engines)
            .AddDisks(engines)
            .AddBucketLogs(engines)
            .AddSingleton<ShareLinks>()
            .AddSingleton<JobStore>()
            .AddSingleton<JobWalk>();
    }

    private static IServiceCollection AddObjects(this IServiceCollection services, Engines engines) => services
        .AddSingleton(provider => Options(provider.GetRequiredService<ServerOptions>(), engines, provider.GetRequiredService<ILogger<ObjectStore>>()))
        .AddSingleton<ObjectStore>()
        .AddSingleton(static provider => provider.GetRequiredService<ObjectStore>().Buckets)
        .AddSingleton(static provider => provider.GetRequiredService<ObjectStore>().Reader)
        .AddSingleton(static provider => provider.GetRequiredService<ObjectStore>().Writer)
        .AddSingleton(static provider => provider.GetRequiredService<ObjectStore>().Copier)
        .AddSingleton(static provider => provider.GetRequiredService<ObjectStore>().Deleter)
        .AddSingleton(static provider => provider.GetRequiredService<ObjectStore>().Amender)
        .AddSingleton(static provider => provider.GetRequiredService<ObjectStore>().Lister)
        .AddSingleton(static provider => provider.GetRequiredService<ObjectStore>().Versions)
        .AddSingleton(static provider => provider.GetRequiredService<ObjectStore>().Uploads)
        .AddSingleton(static provider => provider.GetRequiredService<ObjectStore>().Parts)
        .AddSingleton(static provider => provider.GetRequiredService<ObjectStore>().Completion)
        .AddSingleton(static provider => provider.GetRequiredService<ObjectStore>().LifecycleDay)
        .AddSingleton(static provider => provider.GetRequiredService<ObjectStore>().Lifecycle)
        .AddSingleton(static provider => provider.GetRequiredService<ObjectStore>().Damage)
        .AddSingleton(static provider => provider.GetRequiredService<ObjectStore>().Recheck)
        .AddSingleton(static provider => provider.GetRequiredService<ObjectStore>().Reclaim)
        .AddSingleton(static provider => provider.GetRequiredService<ObjectStore>().Recount)
        .AddSingleton(static provider => provider.GetRequiredService<ObjectStore>().Counts)
        .AddSingleton(static provider => provider.GetRequiredService<ObjectStore>().Activity)
        .AddSingleton(static provider => provider.GetRequiredService<ObjectStore>().Samples)
        .AddSingleton(static provider => provider.GetRequiredService<ObjectStore>().Sampling)
        .AddSingleton(static provider => provider.GetRequiredService<ObjectStore>().Scrub)
        .AddSingleton(static provider => provider.GetRequiredService<ObjectStore>().Orphans)
        .AddSingleton(static provider => provider.GetRequiredService<ObjectStore>().Removal);

    /// <summary>Lines about requests on their way to the buckets that collect them.</summary>
    private static IServiceCollection AddBucketLogs(this IServiceCollection services, Engines engines) => services
        .AddSingleton(static provider => provider.GetRequiredService<ServerOptions>().BucketLogs)
        .AddSingleton<LogTally>()
        .AddSingleton<LoggedLines>()
        .AddSingleton<ILogEvents, BucketLogEvents>()
        .AddSingleton<ISpoolFiles>(new SpoolDirectory(Path.Combine(engines.DataPath, "log-spool"), new DiskReserve(engines.DataPath, SpoolReserve).ThrowIfShort))
        .AddSingleton<LogSpool>()
        .AddSingleton(static provider => new LogCollector(
            provider.GetRequiredService<LoggedLines>(),
            provider.GetRequiredService<LogSpool>(),
            provider.GetRequiredService<BucketCatalog>(),
            provider.GetRequiredService<IAccountDirectory>(),
            provider.GetRequiredService<ServerOptions>().Region,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<LogTally>(),
            provider.GetRequiredService<ILogEvents>()))
        .AddSingleton<LogDelivery>();

    private static IServiceCollection AddDisks(this IServiceCollection services, Engines engines)
    {
        services.TryAddSingleton(new DiskOptions());
        return services
            .AddSingleton(provider => new DiskPlaces(engines.DisksPath, engines.DataPath, provider.GetRequiredService<ServerOptions>().DiskRoots, provider.GetRequiredService<ServerOptions>().Mirror))
            .AddSingleton<DiskCatalog>()
            .AddSingleton(static provider =>
            {
                ILogger logger = provider.GetRequiredService<ILogger<DiskStore>>();
                return new DiskStore(
                    provider.GetRequiredService<DiskCatalog>(),
                    provider.GetRequiredService<DiskOptions>(),
                    provider.GetRequiredService<TimeProvider>(),
                    (disk, reason, path) => DiskLog.LeftOut(logger, disk, reason, path),
                    (disk, notice, what) => DiskLog.Mounts(logger, disk, notice, what));
            })
            .AddSingleton(static provider => provider.GetRequiredService<DiskStore>().Reader)
            .AddSingleton(static provider => provider.GetRequiredService<DiskStore>().Lister)
            .AddSingleton(static provider => provider.GetRequiredService<DiskStore>().Writer)
            .AddSingleton(static provider => provider.GetRequiredService<DiskStore>().Uploads)
            .AddSingleton(static provider => provider.GetRequiredService<DiskStore>().Sweep)
            .AddSingleton<DiskUsers>();
    }

    private static ObjectStoreOptions Options(ServerOptions options, Engines engines, ILogger logger) => new()
    {
        VerifyReads = options.VerifyReads,
        DamageNoticed = (damaged, what, failure) => DamageLog.Noticed(logger, damaged, what, failure),
        Scrub = options.Scrub,
        KeptOrphans = new KeptOrphans(() => engines.Open.Select(static side => side.Root)),
        Lifecycle = new LifecycleOptions { Day = new LifecycleDay(options.LifecycleDay), VersionsPerSecond = options.LifecycleRate },
    };
}
