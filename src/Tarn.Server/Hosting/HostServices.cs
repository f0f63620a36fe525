using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Options;
using Tarn.Server.Configuration;
using Tarn.Server.Connections;
using Tarn.Server.Control.Endpoints;
using Tarn.Server.Proxies;
using Tarn.Server.Storage;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Hosting;

/// <summary>Registers what a host needs: its lifetime, its listeners and their capacity.</summary>
internal static class HostServices
{
    /// <summary>How long requests in flight may take to finish after the server was told to stop.</summary>
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(30);

    public static IServiceCollection AddTarnHost(this IServiceCollection services, ServerOptions options, TimeProvider time, Listeners listeners)
    {
        services.TryAddSingleton<StoreHealth>();
        return services
            .AddProcess(time, options.DrainDelay)
            .AddSingleton(options)
            .AddSingleton(listeners)
            .AddSingleton(new ConsoleOrigins(options, () => listeners.S3.Url, () => listeners.Control.Url))
            .AddSingleton<HostCapacity>()
            .AddSingleton<ExportFailures>()
            .AddSingleton(static provider =>
            {
                ServerLifetime lifetime = provider.GetRequiredService<ServerLifetime>();
                StoreHealth stores = provider.GetRequiredService<StoreHealth>();
                return new HealthEndpoints(() => lifetime.IsStopping, () => stores.HasFailed);
            });
    }

    /// <summary>Adds what the host of every long-running command has: its clock, its limits, and how it begins, is watched and ends.</summary>
    /// <param name="services">The service collection.</param>
    /// <param name="time">The clock.</param>
    /// <param name="drainDelay">How long it goes on after it was told to stop, before it closes its listeners.</param>
    public static IServiceCollection AddProcess(this IServiceCollection services, TimeProvider time, TimeSpan drainDelay)
    {
        services.Configure<HostOptions>(static host => host.ShutdownTimeout = DrainTime);
        services.AddRoutingCore();
        services.TryAddSingleton(static _ => DescriptorBudget.OfProcess());
        services.TryAddSingleton(static provider => new StopSignals(ProcessExit.Now, provider.GetRequiredService<ILogger<StopSignals>>()));
        return services
            .AddSingleton(time)
            .AddSingleton<ISystemdNotifier, SystemdNotifier>()
            .AddHostedService(static provider => new ServiceWatchdog(
                ServiceWatchdog.LimitOf(Environment.GetEnvironmentVariable("WATCHDOG_USEC"), Environment.GetEnvironmentVariable("WATCHDOG_PID"), Environment.ProcessId),
                provider.GetRequiredService<ISystemdNotifier>(),
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<ServiceWatchdog>>()))
            .AddSingleton(provider => new ServerLifetime(
                provider.GetRequiredService<IHostApplicationLifetime>(),
                drainDelay,
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<StopSignals>(),
                provider.GetRequiredService<ISystemdNotifier>(),
                provider.GetRequiredService<ILogger<ServerLifetime>>()))
            .AddSingleton<IHostLifetime>(static provider => provider.GetRequiredService<ServerLifetime>());
    }

    /// <summary>Adds Kestrel, with connections that pass the gates of their listeners.</summary>
    public static void AddTarnListeners(this WebApplicationBuilder builder, Listeners listeners)
    {
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            KestrelLimits.Apply(kestrel);
            listeners.S3.AddTo(kestrel);
            listeners.Accelerators?.AddTo(kestrel);
            listeners.Control.AddTo(kestrel);
        });

        builder.Services.AddGatedTransport(provider => GateOf(listeners, provider.GetRequiredService<HostCapacity>()));
    }

    /// <summary>Has connections pass the gates of their listeners. To be called after Kestrel was added, which always registers a transport of its own: the last registration is used.</summary>
    /// <param name="services">The service collection.</param>
    /// <param name="gateOf">Gives what returns the gate of the listener that is being bound.</param>
    public static void AddGatedTransport(this IServiceCollection services, Func<IServiceProvider, Func<ConnectionGate>> gateOf)
    {
        services.AddSingleton<IMemoryPoolFactory<byte>, BlockPoolFactory>();
        services.AddSingleton<IConnectionListenerFactory>(provider => new GatedTransport(
            new SocketTransportFactory(provider.GetRequiredService<IOptions<SocketTransportOptions>>(), provider.GetRequiredService<ILoggerFactory>()),
            gateOf(provider),
            provider.GetRequiredService<DescriptorBudget>().HighMark,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<GatedTransport>>()));

        // A request is served on the pool thread that its bytes arrived on, instead of being queued to the pool once more.
        // Handlers may block that thread for the time of a metadata read: the socket's own thread only queues.
        services.Configure<SocketTransportOptions>(static sockets => sockets.UnsafePreferInlineScheduling = true);
    }

    /// <summary>The connections of accelerators count as those of S3, whose requests they bring.</summary>
    private static Func<ConnectionGate> GateOf(Listeners listeners, HostCapacity capacity) =>
        () => listeners.Control.IsBegun ? capacity.ControlGate : capacity.S3Gate;
}
