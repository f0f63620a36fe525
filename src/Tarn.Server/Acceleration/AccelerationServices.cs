using Tarn.Core;
using Tarn.Core.Acceleration;
using Tarn.Core.Blobs;
using Tarn.Core.Identity;
using Tarn.Core.Storage;

namespace Tarn.Server.Acceleration;

/// <summary>Registers the server's side of accelerators.</summary>
internal static class AccelerationServices
{
    public static IServiceCollection AddTarnAcceleration(this IServiceCollection services) => services
        .AddSingleton<AcceleratorTokens>()
        .AddSingleton<AcceleratorSecretRow>()
        .AddSingleton<AcceleratorClears>()
        .AddSingleton(static provider => new AcceleratorHits(provider.GetRequiredService<IdentityStore>().Organizations))
        .AddSingleton(static provider => provider.GetRequiredService<ObjectStore>().Blocks)
        .AddSingleton(static provider => provider.GetRequiredService<ObjectStore>().Leases)
        .AddSingleton<ReadPlanner>()
        .AddSingleton(static provider => new CapabilityRenewal(
            provider.GetRequiredService<IBlobStore>(),
            provider.GetRequiredService<AcceleratorSecretRow>(),
            provider.GetRequiredService<BlobLeases>(),
            provider.GetRequiredService<TimeProvider>()))
        .AddSingleton(static provider => new AcceleratorRegistry(provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<IRandomSource>()))
        .AddSingleton<EnvelopeRefusals>()
        .AddSingleton<BlockAnswer>()
        .AddSingleton<NodeRequests>();
}
