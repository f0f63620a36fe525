using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Tarn.Server.Configuration;
using Tarn.Server.Connections;
using Tarn.Server.Logging;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Hosting;

/// <summary>The HTTP side of the server: Kestrel with one listener for S3, one for the control plane and, if configured, one for accelerators.</summary>
internal sealed class TarnHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Listeners _listeners;
    private readonly CertificateSource? _certificate;

    private TarnHost(WebApplication app, Listeners listeners, CertificateSource? certificate)
    {
        _app = app;
        _listeners = listeners;
        _certificate = certificate;
    }

    /// <summary>The S3 endpoint as a client on this machine reaches it; known once started.</summary>
    public string S3Url => _listeners.S3.Url;

    /// <summary>The control address as a client on this machine reaches it; known once started.</summary>
    public string ControlUrl => _listeners.Control.Url;

    /// <summary>The address for accelerators as one on this machine reaches it, known once started; null without one.</summary>
    public string? AcceleratorsUrl => _listeners.Accelerators?.Url;

    /// <summary>The services of the host.</summary>
    public IServiceProvider Services => _app.Services;

    /// <param name="options">The options: addresses and capacity.</param>
    /// <param name="otlp">The settings of the OTLP export.</param>
    /// <param name="time">The clock.</param>
    /// <param name="add">Registers what is served, at least an <see cref="IS3Handler"/>.</param>
    /// <exception cref="StartupException">The certificate cannot be loaded.</exception>
    public static TarnHost Create(ServerOptions options, OtlpSettings otlp, TimeProvider time, Action<WebApplicationBuilder> add)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        ServerLogging.Configure(builder.Logging, options.LogLevel, provider: null);
        builder.AddTarnTelemetry(otlp, options.TraceRate, time, new TracedRequests(options.S3HealthPath).Includes);
        add(builder);
        CertificateSource? certificate = options.Tls is { } tls ? CertificateSource.Load(tls) : null;
        Listeners listeners = Listeners.Of(options, certificate);
        builder.Services.AddTarnHost(options, time, listeners);
        builder.AddTarnListeners(listeners);

        WebApplication app = builder.Build();
        if (otlp.Traces || otlp.Metrics)
        {
            _ = app.Services.GetRequiredService<ExportFailures>();
        }

        certificate?.Watch(time, app.Services.GetRequiredService<ILogger<CertificateSource>>());
        HostCapacity capacity = app.Services.GetRequiredService<HostCapacity>();
        capacity.Report(app.Services.GetRequiredService<ILogger<HostCapacity>>());
        app.Lifetime.ApplicationStopping.Register(capacity.StartDraining);
        app.UseTarn();
        return new TarnHost(app, listeners, certificate);
    }

    /// <exception cref="StartupException">An address cannot be bound.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _app.StartAsync(cancellationToken);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            (Listener failed, Setting setting) = _listeners.Control.IsBegun ? (_listeners.Control, Settings.Control)
                : _listeners.Accelerators is { IsBegun: true } accelerators ? (accelerators, Settings.Accelerators)
                : (_listeners.S3, Settings.S3);
            string reason = e.InnerException is AddressInUseException ? "the port is in use" : e.Message;
            throw new StartupException($"{setting.Flag}: cannot listen on {failed.Address}: {reason}", e);
        }
    }

    /// <summary>Returns when a signal or the token has stopped the server and the requests in flight have finished.</summary>
    public Task WaitForShutdownAsync(CancellationToken cancellationToken) => _app.WaitForShutdownAsync(cancellationToken);

    /// <summary>Stops the host and waits for background work to end: nothing uses the engines after this.</summary>
    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _certificate?.Dispose();
    }
}
