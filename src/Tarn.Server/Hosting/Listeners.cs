using Tarn.Server.Configuration;
using Tarn.Server.Connections;

namespace Tarn.Server.Hosting;

/// <summary>The listeners of a server.</summary>
/// <param name="S3">For clients.</param>
/// <param name="Accelerators">For accelerators; null: none.</param>
/// <param name="Control">For administration.</param>
internal sealed record Listeners(Listener S3, Listener? Accelerators, Listener Control)
{
    /// <param name="options">The addresses, and which listeners use TLS.</param>
    /// <param name="certificate">The certificate; null if none is configured.</param>
    public static Listeners Of(ServerOptions options, CertificateSource? certificate) => new(
        new Listener(ListenerRole.S3, options.S3, options.Tls is { OnS3: true } ? certificate : null, options.Proxies),
        options.Accelerators is { } accelerators ? new Listener(ListenerRole.Accelerators, accelerators, options.Tls is { OnS3: true } ? certificate : null, options.Proxies) : null,
        new Listener(ListenerRole.Control, options.Control, options.Tls is { OnControl: true } ? certificate : null, options.Proxies));
}
