using Microsoft.Extensions.DependencyInjection.Extensions;
using Tarn.Core;
using Tarn.Core.Disks;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Disks.Listing;
using Tarn.Core.Lifecycle;
using Tarn.Core.Sharing;
using Tarn.Core.Storage;
using Tarn.Server.Configuration;

namespace Tarn.Server.Storage;

/// <summary>Registers what is built on the engines: object buckets, disks and share links.</summary>
internal static class StorageServices
{
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
            .AddSingleton<ShareLinks>();
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
