using System.Net.Sockets;
using Amazon.Runtime;

namespace Tarn.Conformance.Support;

/// <summary>HTTP clients whose every host name is this machine's: no resolver knows the domain of virtual-host addressing.</summary>
internal sealed class LoopbackClients : HttpClientFactory
{
    public override HttpClient CreateHttpClient(IClientConfig clientConfig) => new(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        ConnectCallback = static async (context, cancellationToken) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync("127.0.0.1", context.DnsEndPoint.Port, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    });

    public override string GetConfigUniqueString(IClientConfig clientConfig) => nameof(LoopbackClients);
}
