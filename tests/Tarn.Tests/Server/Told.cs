using System.Net.Sockets;
using Microsoft.Extensions.Hosting.Systemd;

namespace Tarn.Tests.Server;

/// <summary>A service manager that keeps what it is told.</summary>
internal sealed class Told : ISystemdNotifier
{
    /// <summary>Whether it cannot be told anything.</summary>
    public bool Unreachable { get; set; }

    public List<string> States { get; } = [];

    public bool IsEnabled => true;

    public void Notify(ServiceState state)
    {
        if (Unreachable)
        {
            throw new SocketException((int)SocketError.ConnectionRefused);
        }

        States.Add(state.ToString());
    }
}
