using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Net.Http.Headers;
using Tarn.Server.Accelerator.Peers;
using Tarn.Server.Configuration;
using Tarn.Server.Connections;
using Tarn.Server.Hosting;

namespace Tarn.Server.Accelerator;

/// <summary>The listeners of an accelerator, in the order in which they are bound.</summary>
/// <param name="S3">For clients.</param>
/// <param name="Metrics">For metrics and health; null: none.</param>
/// <param name="Peers">For the other accelerators of the zone; null: none.</param>
internal sealed record AcceleratorListeners(Listener S3, Listener? Metrics, PeerListener? Peers)
{
    /// <param name="options">The addresses.</param>
    /// <param name="certificate">The certificate for clients; null without TLS.</param>
    public static AcceleratorListeners Of(AcceleratorOptions options, CertificateSource? certificate) => new(
        new Listener(ListenerRole.S3, options.S3, certificate, ProxyOptions.None),
        options.Metrics is { } metrics ? new Listener(ListenerRole.Control, metrics, null, ProxyOptions.None) : null,
        options.Peers is { } peers ? new PeerListener(peers) : null);

    /// <summary>The listener that failed to bind, which is the last one begun.</summary>
    public (Setting Setting, ListenAddress Address) Failed =>
        Peers is { IsBegun: true } peers ? (AcceleratorSettings.Peers, peers.Address)
        : Metrics is { IsBegun: true } metrics ? (AcceleratorSettings.Metrics, metrics.Address)
        : (Settings.S3, S3.Address);

    /// <summary>Adds them to Kestrel, with the limits of a server.</summary>
    public void AddTo(KestrelServerOptions kestrel)
    {
        KestrelLimits.Apply(kestrel);

        // Headers go on as they came, one character a byte; what a header may have is the upstream's to decide.
        kestrel.RequestHeaderEncodingSelector = static name => name == HeaderNames.ContentLength ? DigitsEncoding.Instance : Encoding.Latin1;
        kestrel.ResponseHeaderEncodingSelector = static _ => Encoding.Latin1;
        S3.AddTo(kestrel);
        Metrics?.AddTo(kestrel);
        Peers?.AddTo(kestrel);
    }
}
