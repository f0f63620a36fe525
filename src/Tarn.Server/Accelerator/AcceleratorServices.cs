using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Options;
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
    /// <summary>How long requests in flight may take to finish after the accelerator was told to stop.</summary>
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(30);

    public static void AddAccelerator(this WebApplicationBuilder builder, AcceleratorOptions options, BlockCache cache, TimeProvider time, AcceleratorListeners listeners)
    {
        IServiceCollection services = builder.Services;
        AddHost(services, options, time, listeners);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(listeners.AddTo);
        AddTransport(services, listeners);
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
            .AddSingleton<PeerAnswer>()
            .AddSingleton(static provider => new ZonePeers(provider.GetService<PeerIdentity>(), provider.GetRequiredService<ZoneState>(), provider.GetRequiredService<TimeProvider>()))
            .AddSingleton<PlanReader>()
            .AddSingleton<Prestaging>()
            .AddHostedService(static provider => provider.GetRequiredService<Prestaging>())
            .AddSingleton<ResolvedReads>()
            .AddSingleton<CacheFigures>()
            .AddSingleton(static provider => new RegistrationService(
                provider.GetRequiredService<NodeClient>(),
                provider.GetRequiredService<AcceleratorIdentity>().Envelope,
                provider.GetService<PeerIdentity>() is { } peer ? (peer.Address, peer.Fingerprint) : null,
                provider.GetRequiredService<ZoneState>(),
                provider.GetRequiredService<BlockCache>(),
                () => provider.GetRequiredService<CacheFigures>().Statistics,
                SystemRandomSource.Instance,
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<RegistrationService>>()))
            .AddHostedService(static provider => provider.GetRequiredService<RegistrationService>())
            .AddSingleton<AcceleratorHandler>();
    }

    private static void AddHost(IServiceCollection services, AcceleratorOptions options, TimeProvider time, AcceleratorListeners listeners)
    {
        services.Configure<HostOptions>(static host => host.ShutdownTimeout = DrainTime);
        services.AddRoutingCore();
        services.TryAddSingleton(static _ => DescriptorBudget.OfProcess());
        services.TryAddSingleton(static provider => new StopSignals(ProcessExit.Now, provider.GetRequiredService<ILogger<StopSignals>>()));
        services
            .AddSingleton(options)
            .AddSingleton(time)
            .AddSingleton(listeners)
            .AddSingleton<AcceleratorCapacity>()
            .AddSingleton<ISystemdNotifier, SystemdNotifier>()
            .AddHostedService(static provider => new ServiceWatchdog(
                ServiceWatchdog.LimitOf(Environment.GetEnvironmentVariable("WATCHDOG_USEC"), Environment.GetEnvironmentVariable("WATCHDOG_PID"), Environment.ProcessId),
                provider.GetRequiredService<ISystemdNotifier>(),
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<ServiceWatchdog>>()))
            .AddSingleton(static provider => new ServerLifetime(
                provider.GetRequiredService<IHostApplicationLifetime>(),
                provider.GetRequiredService<AcceleratorOptions>().DrainDelay,
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<StopSignals>(),
                provider.GetRequiredService<ISystemdNotifier>(),
                provider.GetRequiredService<ILogger<ServerLifetime>>()))
            .AddSingleton<IHostLifetime>(static provider => provider.GetRequiredService<ServerLifetime>());
    }

    /// <summary>Connections pass the gates of their listeners, as those of a server do.</summary>
    private static void AddTransport(IServiceCollection services, AcceleratorListeners listeners)
    {
        services.AddSingleton<IMemoryPoolFactory<byte>, BlockPoolFactory>();
        services.AddSingleton<IConnectionListenerFactory>(provider =>
        {
            AcceleratorCapacity capacity = provider.GetRequiredService<AcceleratorCapacity>();
            return new GatedTransport(
                new SocketTransportFactory(provider.GetRequiredService<IOptions<SocketTransportOptions>>(), provider.GetRequiredService<ILoggerFactory>()),
                () => listeners.Peers is { IsBegun: true } ? capacity.PeersGate : listeners.Metrics is { IsBegun: true } ? capacity.MetricsGate : capacity.S3Gate,
                provider.GetRequiredService<DescriptorBudget>().HighMark,
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<GatedTransport>>());
        });
        services.Configure<SocketTransportOptions>(static sockets => sockets.UnsafePreferInlineScheduling = true);
    }
}
