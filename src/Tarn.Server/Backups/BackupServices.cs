using Tarn.Core.Disks.Catalog;
using Tarn.Core.Maintenance;
using Tarn.Core.Storage;
using Tarn.Server.Configuration;
using Tarn.Server.Storage;

namespace Tarn.Server.Backups;

/// <summary>Registers the work on backups.</summary>
internal static class BackupServices
{
    public static IServiceCollection AddTarnBackups(this IServiceCollection services) => services
        .AddSingleton<BackupJobs>()
        .AddSingleton(static provider =>
        {
            ServerOptions options = provider.GetRequiredService<ServerOptions>();
            string data = provider.GetRequiredService<Engines>().DataPath;
            return new BackupPlaces(options.BackupRoots, options.Mirror is { } mirror ? [data, mirror] : [data])
            {
                Objects = provider.GetRequiredService<ObjectStore>(),
                Disks = provider.GetRequiredService<DiskCatalog>(),
            };
        })
        .AddSingleton(static provider => new BackupRunner(
            provider.GetRequiredService<ServerOptions>(),
            provider.GetRequiredService<Engines>(),
            provider.GetRequiredService<BackupPlaces>(),
            provider.GetRequiredService<ReclaimWorker>(),
            provider.GetRequiredService<TimeProvider>()));
}
