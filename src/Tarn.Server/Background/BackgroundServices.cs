using Tarn.Core.Access;
using Tarn.Server.Storage;

namespace Tarn.Server.Background;

/// <summary>Registers all background work.</summary>
internal static class BackgroundServices
{
    public static IServiceCollection AddTarnBackground(this IServiceCollection services, Engines engines)
    {
        services
            .AddSingleton<StoredPolicyAudit>()
            .AddHostedService<ReclaimService>()
            .AddHostedService<RecountService>()
            .AddHostedService<SampleService>()
            .AddHostedService<BucketCensusService>()
            .AddHostedService<ScrubService>()
            .AddHostedService<DamageRecheckService>()
            .AddHostedService<LifecycleService>()
            .AddHostedService<ShareLinkSweepService>()
            .AddHostedService<PolicyAuditService>()
            .AddHostedService<BackupService>();
        return engines.Devices is { } devices ? services.AddSingleton(devices).AddHostedService<StorageWatchService>() : services;
    }
}
