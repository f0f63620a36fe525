using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Options;
using Tarn.S3.Wire;
using Tarn.Server.Configuration;
using Tarn.Server.Connections;
using Tarn.Server.Control;
using Tarn.Server.Control.Endpoints;
using Tarn.Server.Logging;
using Tarn.Server.Proxies;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Hosting;

/// <summary>The HTTP side of the server: Kestrel with one listener for S3 and one for the control plane.</summary>
internal sealed class TarnHost : IAsyncDisposable
{
    /// <summary>How long requests in flight may take to finish once the server was told to stop.</summary>
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(30);

    private readonly WebApplication _app;
    private readonly Listener _s3;
    private readonly Listener _control;
    private readonly CertificateSource? _certificate;
    private readonly HostCapacity _capacity;

    private TarnHost(WebApplication app, Listener s3, Listener control, CertificateSource? certificate, HostCapacity capacity)
    {
        _capacity = capacity;
        _app = app;
        _s3 = s3;
        _control = control;
        _certificate = certificate;
    }

    /// <summary>The S3 endpoint as a client on this machine reaches it; known once started.</summary>
    public string S3Url => _s3.Url;

    /// <summary>The control address as a client on this machine reaches it; known once started.</summary>
    public string ControlUrl => _control.Url;

    /// <param name="options">Where to listen.</param>
    /// <param name="parts">What serves, and with what.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="StartupException">The certificate cannot be loaded.</exception>
    public static TarnHost Create(ServerOptions options, HostParts parts, TimeProvider time)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        ServerLogging.Configure(builder.Logging, options.LogLevel, parts.Log);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = DrainTime);
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(time);
        builder.AddTarnTelemetry(parts.Otlp);
        parts.Services?.Invoke(builder.Services);
        AddLifetime(builder.Services, options, parts, time);

        CertificateSource? certificate = options.Tls is { } tls ? CertificateSource.Load(tls) : null;
        var s3Listener = new Listener(ListenerRole.S3, options.S3, options.Tls is { OnS3: true } ? certificate : null, options.Proxies);
        var controlListener = new Listener(
            ListenerRole.Control, options.Control, options.Tls is { OnControl: true } ? certificate : null, options.Proxies);
        var capacity = new HostCapacity(options, parts.Descriptors, time);
        builder.WebHost.UseKestrelCore();

        // After Kestrel's own, which it registers whether or not there is one: the last one is taken.
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>, BlockPoolFactory>();
        builder.Services.AddSingleton<IConnectionListenerFactory>(services => new GatedTransport(
            new SocketTransportFactory(services.GetRequiredService<IOptions<SocketTransportOptions>>(), services.GetRequiredService<ILoggerFactory>()),
            () => controlListener.IsBegun ? capacity.ControlGate : capacity.S3Gate,
            parts.Descriptors.HighMark,
            time,
            services.GetRequiredService<ILogger<GatedTransport>>()));

        // A request is served on the pool thread that its bytes arrived on, instead of being queued to the pool once more.
        // Handlers may block that thread for the time of a metadata read: the socket's own thread only queues.
        builder.Services.Configure<SocketTransportOptions>(sockets => sockets.UnsafePreferInlineScheduling = true);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            KestrelLimits.Apply(kestrel);
            s3Listener.AddTo(kestrel);
            controlListener.AddTo(kestrel);
        });

        WebApplication app = builder.Build();
        certificate?.Watch(time, app.Services.GetRequiredService<ILogger<CertificateSource>>());
        capacity.Report(app.Services.GetRequiredService<ILogger<HostCapacity>>());
        app.Lifetime.ApplicationStopping.Register(capacity.StartDraining);
        var health = new HealthEndpoints(() => app.Services.GetRequiredService<ServerLifetime>().IsStopping, () => parts.Stores.HasFailed);
        Compose(app, options, parts, capacity, health, time);
        return new TarnHost(app, s3Listener, controlListener, certificate, capacity);
    }

    /// <summary>The services of the host.</summary>
    public IServiceProvider Services => _app.Services;

    /// <summary>Where Kestrel tells of what it refuses by itself.</summary>
    public System.Diagnostics.DiagnosticListener Events => _app.Services.GetRequiredService<System.Diagnostics.DiagnosticListener>();

    /// <exception cref="StartupException">An address cannot be bound.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _app.StartAsync(cancellationToken);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            Listener failed = _control.IsBegun ? _control : _s3;
            Setting setting = failed == _s3 ? Settings.S3 : Settings.Control;
            string reason = e.InnerException is AddressInUseException ? "the port is in use" : e.Message;
            throw new StartupException($"{setting.Flag}: cannot listen on {failed.Address}: {reason}", e);
        }
    }

    /// <summary>Returns when a signal (or the token) stopped the server and what was in flight has finished.</summary>
    public Task WaitForShutdownAsync(CancellationToken cancellationToken) => _app.WaitForShutdownAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _certificate?.Dispose();
        _capacity.Dispose();
    }

    /// <summary>From the admission of a request to what serves it, in order.</summary>
    private static void Compose(WebApplication app, ServerOptions options, HostParts parts, HostCapacity capacity, HealthEndpoints health, TimeProvider time)
    {
        var s3Admission = new Admission(capacity.S3Budget, parts.S3Busy);
        var controlAdmission = new Admission(capacity.ControlBudget, ControlListener.RefuseBusyAsync);
        RequestDelegate s3 = context => s3Admission.RunAsync(context, parts.S3);
        if (options.S3HealthPath is { } path)
        {
            // Before admission: a balancer must not take a server that is only busy for one that is down.
            s3 = health.Before(s3, path);
        }

        ILogger<UnreadBodies> bodies = app.Services.GetRequiredService<ILogger<UnreadBodies>>();
        app.Use(next => new UnreadBodies(next, time, bodies, app.Lifetime.ApplicationStopping).InvokeAsync);
        if (options.Proxies.Concerns)
        {
            app.Use(next => new ForwardedRequests(next, options).InvokeAsync);
        }

        app.Use(next => context =>
            ReferenceEquals(context.Features.Get<ListenerRole>(), ListenerRole.S3) ? s3(context)
            : RequestFraming.Fault(context.Request) is { } fault ? ControlListener.RefuseFramingAsync(context, fault)
            : controlAdmission.RunAsync(context, next));
        // Routing starts after the fork: S3 has its own, and must see the request target as it was sent.
        app.UseRouting();
        app.MapTarnHealth(health);
        parts.Control?.Invoke(app);
    }

    private static void AddLifetime(IServiceCollection services, ServerOptions options, HostParts parts, TimeProvider time)
    {
        services.AddSingleton(provider => new ServerLifetime(
            provider.GetRequiredService<IHostApplicationLifetime>(), options.DrainDelay, time, parts.Exit, new SystemdNotifier(),
            provider.GetRequiredService<ILogger<ServerLifetime>>()));
        services.AddSingleton<IHostLifetime>(provider => provider.GetRequiredService<ServerLifetime>());
    }
}
