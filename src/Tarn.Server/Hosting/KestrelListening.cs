using System.Net.Security;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Tarn.S3.Reading;
using Tarn.Server.Configuration;
using Tarn.Server.Connections;

namespace Tarn.Server.Hosting;

/// <summary>What all listeners do alike.</summary>
internal static class KestrelListening
{
    /// <summary>Listens on an address.</summary>
    public static void ListenOn(this KestrelServerOptions kestrel, ListenAddress address, Action<ListenOptions> configure)
    {
        if (address.IsLocalhost)
        {
            kestrel.ListenLocalhost(address.Port, configure);
        }
        else if (address.Address is null)
        {
            kestrel.ListenAnyIP(address.Port, configure);
        }
        else
        {
            kestrel.Listen(address.Address, address.Port, configure);
        }
    }

    /// <summary>Has connections speak TLS.</summary>
    /// <param name="options">The listener.</param>
    /// <param name="authentication">Gives the certificate and what else a handshake needs.</param>
    public static void UseTls(this ListenOptions options, Func<SslServerAuthenticationOptions> authentication)
    {
        options.Use(static next => connection =>
        {
            // What is sent is encrypted in memory.
            connection.Features.Set<IFileOutput>(null);
            return next(connection);
        });
        options.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(authentication()) });
        options.Use(static next => connection =>
        {
            connection.Features.Get<TrackedConnection>()?.EndHandshake();
            return next(connection);
        });
    }
}
