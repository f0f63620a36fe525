using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Net.Http.Headers;
using Tarn.Server.Configuration;
using Tarn.Server.Connections;
using Tarn.Server.Hosting;

namespace Tarn.Server.Accelerator;

/// <summary>The listeners of an accelerator: for clients, and, if configured, for metrics and health.</summary>
internal sealed record AcceleratorListeners(Listener S3, Listener? Metrics)
{
    /// <param name="options">The addresses.</param>
    /// <param name="certificate">The certificate for clients; null without TLS.</param>
    public static AcceleratorListeners Of(AcceleratorOptions options, CertificateSource? certificate) => new(
        new Listener(ListenerRole.S3, options.S3, certificate, ProxyOptions.None),
        options.Metrics is { } metrics ? new Listener(ListenerRole.Control, metrics, null, ProxyOptions.None) : null);

    /// <summary>The listener that failed to bind.</summary>
    public Listener Failed => Metrics is { IsBegun: true } metrics ? metrics : S3;

    /// <summary>Adds them to Kestrel, with the limits of a server.</summary>
    public void AddTo(KestrelServerOptions kestrel)
    {
        KestrelLimits.Apply(kestrel);

        // Headers go on as they came, one character a byte; what a header may have is the upstream's to decide.
        kestrel.RequestHeaderEncodingSelector = static name => name == HeaderNames.ContentLength ? DigitsEncoding.Instance : Encoding.Latin1;
        kestrel.ResponseHeaderEncodingSelector = static _ => Encoding.Latin1;
        S3.AddTo(kestrel);
        Metrics?.AddTo(kestrel);
    }
}
