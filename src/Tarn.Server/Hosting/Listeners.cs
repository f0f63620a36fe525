using Tarn.Server.Configuration;
using Tarn.Server.Connections;

namespace Tarn.Server.Hosting;

/// <summary>The two listeners of a server.</summary>
internal sealed record Listeners(Listener S3, Listener Control)
{
    /// <param name="options">Where they bind, and which of them use TLS.</param>
    /// <param name="certificate">Theirs; null where none is configured.</param>
    public static Listeners Of(ServerOptions options, CertificateSource? certificate) => new(
        new Listener(ListenerRole.S3, options.S3, options.Tls is { OnS3: true } ? certificate : null, options.Proxies),
        new Listener(ListenerRole.Control, options.Control, options.Tls is { OnControl: true } ? certificate : null, options.Proxies));
}
