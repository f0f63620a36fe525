using System.Net;
using System.Net.Sockets;

namespace Tarn.TestKit.Servers;

/// <summary>Finds TCP ports nobody listens on, so that servers under test keep one port across restarts.</summary>
internal static class FreePort
{
    private static readonly Lock Gate = new();
    private static readonly HashSet<int> Given = [];

    /// <summary>A port on 127.0.0.1 that is free now and was not given out by this process before.</summary>
    public static int Next()
    {
        lock (Gate)
        {
            while (true)
            {
                using var listener = new TcpListener(IPAddress.Loopback, 0);
                listener.Start();
                var port = ((IPEndPoint)listener.LocalEndpoint).Port;
                if (Given.Add(port))
                {
                    return port;
                }
            }
        }
    }
}
