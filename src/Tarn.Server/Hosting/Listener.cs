using System.Globalization;
using System.Net.Security;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Tarn.Server.Configuration;
using Tarn.Server.Connections;
using Tarn.Server.Proxies;

namespace Tarn.Server.Hosting;

/// <summary>One listener: where it binds, whether it speaks TLS, and which role its connections have.</summary>
internal sealed class Listener(ListenerRole role, ListenAddress address, CertificateSource? certificate, ProxyOptions proxies)
{
    private static readonly List<SslApplicationProtocol> Both = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11];
    private static readonly List<SslApplicationProtocol> Http1 = [SslApplicationProtocol.Http11];

    private ListenOptions? _options;

    public ListenAddress Address => address;

    /// <summary>Whether Kestrel has begun to bind this listener: if the start fails, the last one begun is at fault.</summary>
    public bool IsBegun { get; private set; }

    public string Url => string.Create(
        CultureInfo.InvariantCulture,
        $"{(certificate is null ? "http" : "https")}://{address.LocalHost}:{(address.Port != 0 ? address.Port : _options?.IPEndPoint?.Port ?? 0)}");

    public void AddTo(KestrelServerOptions kestrel) => kestrel.ListenOn(address, Configure);

    private void Configure(ListenOptions options)
    {
        _options = options;
        bool isHttp1 = certificate is null || role == ListenerRole.Accelerators;
        options.Protocols = isHttp1 ? HttpProtocols.Http1 : HttpProtocols.Http1AndHttp2;
        options.Use(next =>
        {
            // Kestrel builds a listener's pipeline just before it binds that listener, one listener after the other.
            IsBegun = true;
            return connection =>
            {
                connection.Features.Set(role);
                return next(connection);
            };
        });
        if (role == ListenerRole.S3 && proxies.ProxyProtocol)
        {
            // Before TLS, which begins after the header.
            IServiceProvider services = options.ApplicationServices;
            options.Use(next => new ProxyProtocol(
                next, proxies, services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<ProxyProtocol>>()).OnConnectionAsync);
        }

        if (certificate is not null)
        {
            options.UseTls(() => new SslServerAuthenticationOptions
            {
                ServerCertificateContext = certificate.Current,
                ApplicationProtocols = isHttp1 ? Http1 : Both,
            });
        }
    }
}
