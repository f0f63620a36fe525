using Microsoft.AspNetCore.Server.Kestrel.Core;
using Tarn.Server.Accelerator.Registration;
using Tarn.Server.Configuration;
using Tarn.Server.Connections;
using Tarn.Server.Hosting;

namespace Tarn.Server.Accelerator.Peers;

/// <summary>The listener for the other accelerators of the zone: HTTP/1.1 over TLS, in which each side has to have the certificate that it registered with.</summary>
internal sealed class PeerListener(ListenAddress address)
{
    private ListenOptions? _options;

    public ListenAddress Address => address;

    /// <summary>Whether Kestrel has begun to bind it.</summary>
    public bool IsBegun { get; private set; }

    /// <summary>The port; known once started.</summary>
    public int Port => address.Port != 0 ? address.Port : _options?.IPEndPoint?.Port ?? 0;

    public void AddTo(KestrelServerOptions kestrel) => kestrel.ListenOn(address, Configure);

    private void Configure(ListenOptions options)
    {
        _options = options;
        options.Protocols = HttpProtocols.Http1;
        options.Use(next =>
        {
            IsBegun = true;
            return connection =>
            {
                connection.Features.Set(ListenerRole.Peers);
                return next(connection);
            };
        });
        PeerIdentity identity = options.ApplicationServices.GetRequiredService<PeerIdentity>();
        ZoneState zone = options.ApplicationServices.GetRequiredService<ZoneState>();
        options.UseTls(() => identity.ServerOptions(zone));
    }
}
