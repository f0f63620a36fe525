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
            .AddHostedService<AccessKeyUseService>()
            .AddHostedService<TemporaryKeySweepService>()
            .AddHostedService<DiskUploadSweepService>()
            .AddHostedService<PolicyAuditService>()
            .AddHostedService<BucketLogService>()
            .AddHostedService<BackupService>()
            .AddHostedService<JobService>();
        return engines.Devices.Count > 0 ? services.AddSingleton(engines.Devices).AddHostedService<StorageWatchService>() : services;
    }
}
