using Tarn.Core;
using Tarn.Core.Cache;
using Tarn.S3.Requests;
using Tarn.Server.Accelerator.Forwarding;
using Tarn.Server.Accelerator.Peers;
using Tarn.Server.Accelerator.Reading;
using Tarn.Server.Accelerator.Registration;
using Tarn.Server.Accelerator.Upstream;
using Tarn.Server.Configuration;
using Tarn.Server.Connections;
using Tarn.Server.Hosting;
using Tarn.Server.Logging;

namespace Tarn.Server.Accelerator;

/// <summary>Registers the parts of an accelerator.</summary>
internal static class AcceleratorServices
{
    public static void AddAccelerator(this WebApplicationBuilder builder, AcceleratorOptions options, BlockCache cache, TimeProvider time, AcceleratorListeners listeners)
    {
        IServiceCollection services = builder.Services;
        services.AddProcess(time, options.DrainDelay).AddSingleton(options).AddSingleton(listeners).AddSingleton<AcceleratorCapacity>()
            .AddSingleton(static provider => AcceleratorDescriptors.OfProcess(provider.GetRequiredService<AcceleratorOptions>()))
            .AddSingleton(static provider => provider.GetRequiredService<AcceleratorDescriptors>().Budget);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(listeners.AddTo);
        services.AddGatedTransport(provider => GateOf(listeners, provider.GetRequiredService<AcceleratorCapacity>()));
        if (options.PeerAddress is { } peerAddress)
        {
            services.AddSingleton(_ => new PeerIdentity(peerAddress, time.GetUtcNow()));
        }

        services
            .AddSingleton(cache)
            .AddSingleton(static provider => new AcceleratorIdentity(provider.GetRequiredService<AcceleratorOptions>().Envelope))
            .AddSingleton(static provider =>
            {
                AcceleratorOptions options = provider.GetRequiredService<AcceleratorOptions>();
                var address = UpstreamAddress.Of(options.Upstream);
                return new UpstreamPool(
                    address, () => UpstreamPool.TlsOf(address, options.Authorities), provider.GetRequiredService<AcceleratorCapacity>().UpstreamConnections, provider.GetRequiredService<TimeProvider>());
            })
            .AddSingleton(static provider => new NodeClient(
                provider.GetRequiredService<UpstreamPool>(), provider.GetRequiredService<AcceleratorIdentity>().Node, provider.GetRequiredService<TimeProvider>()))
            .AddSingleton<UpstreamWatch>()
            .AddSingleton<BlockFailures>()
            .AddSingleton<Forwarder>()
            .AddSingleton<AnswerRelay>()
            .AddSingleton(static _ => new RequestIds(SystemRandomSource.Instance))
            .AddSingleton<Refuser>()
            .AddSingleton<AcceleratorMetrics>()
            .AddSingleton(static provider =>
            {
                TimeProvider time = provider.GetRequiredService<TimeProvider>();
                return new AcceleratorRequests(
                    provider.GetRequiredService<AcceleratorMetrics>(),
                    AcceleratorRequests.OpenLog(provider.GetRequiredService<AcceleratorOptions>(), time, provider.GetRequiredService<ILogger<LineLog>>()),
                    time);
            })
            .AddSingleton<ZoneState>()
            .AddHostedService<ZoneMetrics>()
            .AddSingleton<PeerAnswer>()
            .AddSingleton(static provider => new ZonePeers(
                provider.GetService<PeerIdentity>(),
                provider.GetRequiredService<ZoneState>(),
                provider.GetRequiredService<AcceleratorCapacity>().PeerConnections,
                provider.GetRequiredService<TimeProvider>()))
            .AddSingleton<PlanReader>()
            .AddSingleton<Prestaging>()
            .AddHostedService(static provider => provider.GetRequiredService<Prestaging>())
            .AddSingleton<ResolvedReads>()
            .AddSingleton<CacheFigures>()
            .AddSingleton<CacheClears>()
            .AddSingleton(static provider => new RegistrationService(
                provider.GetRequiredService<NodeClient>(),
                provider.GetRequiredService<AcceleratorIdentity>().Envelope,
                provider.GetService<PeerIdentity>() is { } peer ? (peer.Address, peer.Fingerprint) : null,
                provider.GetRequiredService<ZoneState>(),
                provider.GetRequiredService<CacheClears>(),
                () => provider.GetRequiredService<CacheFigures>().Statistics,
                SystemRandomSource.Instance,
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<RegistrationService>>()))
            .AddHostedService(static provider => provider.GetRequiredService<RegistrationService>())
            .AddSingleton<AcceleratorHandler>();
    }

    private static Func<ConnectionGate> GateOf(AcceleratorListeners listeners, AcceleratorCapacity capacity) =>
        () => listeners.Peers is { IsBegun: true } ? capacity.PeersGate : listeners.Metrics is { IsBegun: true } ? capacity.MetricsGate : capacity.S3Gate;
}
