using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Tarn.TestKit.Servers;

/// <summary>Finds unused TCP ports, so that servers under test keep one port across restarts.</summary>
/// <remarks>
/// They are below the system's range of ephemeral ports, any of which a client may take between a server's stop and its restart. A file that
/// stays locked until this process ends keeps the port from the other test processes that run at the same time.
/// </remarks>
public static class FreePort
{
    private const int First = 12_000;
    private static readonly Lock Gate = new();
    private static readonly List<FileStream> Held = [];
    private static int _next = First + (Environment.ProcessId * 61 % 4_000);

    // The system releases the locks itself, but leaves the files.
    static FreePort() => AppDomain.CurrentDomain.ProcessExit += (_, _) => Held.ForEach(held => held.Dispose());

    /// <summary>A port on 127.0.0.1 that is free now and that no running test process was given before.</summary>
    public static int Next()
    {
        lock (Gate)
        {
            int end = FirstOfConnections();
            for (int tried = First; tried < end; tried++)
            {
                int port = _next;
                _next = port + 1 < end ? port + 1 : First;
                if (Hold(port))
                {
                    return port;
                }
            }

            throw new InvalidOperationException($"No port from {First} to {end} is free.");
        }
    }

    private static bool Hold(int port)
    {
        FileStream held;
        try
        {
            string path = Path.Combine(Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"tarn-test-port-{port}"));
            held = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }

        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
        }
        catch (SocketException)
        {
            held.Dispose();
            return false;
        }

        Held.Add(held);
        return true;
    }

    private static int FirstOfConnections()
    {
        const string Setting = "/proc/sys/net/ipv4/ip_local_port_range";
        string first = File.Exists(Setting) ? File.ReadAllText(Setting).Split('\t', ' ')[0] : "32768";
        return Math.Clamp(int.Parse(first, CultureInfo.InvariantCulture), First + 4_000, 32_768);
    }
}
