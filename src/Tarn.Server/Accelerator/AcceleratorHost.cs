using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Tarn.Core.Cache;
using Tarn.Server.Configuration;
using Tarn.Server.Hosting;
using Tarn.Server.Logging;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Accelerator;

/// <summary>The HTTP side of an accelerator: Kestrel for its clients, and the connections to the upstream.</summary>
internal sealed class AcceleratorHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly AcceleratorListeners _listeners;
    private readonly CertificateSource? _certificate;

    private AcceleratorHost(WebApplication app, AcceleratorListeners listeners, CertificateSource? certificate)
    {
        _app = app;
        _listeners = listeners;
        _certificate = certificate;
    }

    /// <summary>The S3 endpoint as a client on this machine reaches it; known once started.</summary>
    public string S3Url => _listeners.S3.Url;

    /// <summary>The address of metrics and health as it is reached on this machine; known once started. Null without one.</summary>
    public string? MetricsUrl => _listeners.Metrics?.Url;

    /// <summary>The services of the host.</summary>
    public IServiceProvider Services => _app.Services;

    /// <param name="options">The settings.</param>
    /// <param name="cache">The open cache. The caller keeps ownership, and closes it after the host.</param>
    /// <param name="otlp">The settings of the OTLP export.</param>
    /// <param name="time">The clock.</param>
    /// <param name="more">Adds or replaces registrations.</param>
    /// <exception cref="StartupException">The certificate cannot be loaded.</exception>
    public static AcceleratorHost Create(AcceleratorOptions options, BlockCache cache, OtlpSettings otlp, TimeProvider time, Action<WebApplicationBuilder>? more = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        ServerLogging.Configure(builder.Logging, options.LogLevel, provider: null);

        // Spans are the upstream's: it has the same requests, with what became of them.
        builder.AddTarnTelemetry(otlp, tracesPerSecond: 1, time, static _ => false);
        CertificateSource? certificate = options.Tls is { } tls ? CertificateSource.Load(tls) : null;
        var listeners = AcceleratorListeners.Of(options, certificate);
        builder.AddAccelerator(options, cache, time, listeners);
        more?.Invoke(builder);
        WebApplication app = builder.Build();
        certificate?.Watch(time, app.Services.GetRequiredService<ILogger<CertificateSource>>());
        app.UseAccelerator();
        return new AcceleratorHost(app, listeners, certificate);
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
            (Setting setting, ListenAddress address) = _listeners.Failed;
            string reason = e.InnerException is AddressInUseException ? "the port is in use" : e.Message;
            throw new StartupException($"{setting.Flag}: cannot listen on {address}: {reason}", e);
        }
    }

    /// <summary>Returns when a signal or the token has stopped it and the requests in flight have finished.</summary>
    public Task WaitForShutdownAsync(CancellationToken cancellationToken) => _app.WaitForShutdownAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _certificate?.Dispose();
    }
}
