using System.Globalization;
using System.Net;
using Tarn.Server.Cli.Status;
using Tarn.Server.Configuration;

namespace Tarn.Server.Cli.Doctor.Checks;

/// <summary>The ports of both listeners: free, or the server's; and whether this user may listen on them.</summary>
internal sealed class PortsCheck : ICheck
{
    private const int BindCapability = 10; // CAP_NET_BIND_SERVICE

    public string Name => "ports";

    public async Task<IReadOnlyList<Finding>> RunAsync(Examined examined, CancellationToken cancellationToken)
    {
        if (examined.Options is not { } options)
        {
            return [Finding.Skipped("the settings are wrong")];
        }

        if (Listening.On(examined.Proc) is not { } taken)
        {
            return [Finding.Skipped("the kernel does not tell which ports are taken")];
        }

        bool isTarn = examined.Server is null && examined.Control is { } control && (await HealthProbe.AskAsync(control, cancellationToken)).IsReady;
        return [Look(Settings.S3, options.S3), Look(Settings.Control, options.Control)];

        Finding Look(Setting setting, ListenAddress address)
        {
            string what = $"{setting.Flag} {address}";
            if (!taken.Any(other => Collides(address, other)))
            {
                return examined.Server is not null ? Finding.Warning($"{what}: the server that runs does not listen there", "give this command the settings that the server has: --config, or its environment")
                    : address.Port is > 0 && address.Port < (examined.Proc.Number("sys/net/ipv4/ip_unprivileged_port_start") ?? 1024) && !MayBind(examined.Proc)
                        ? Finding.Problem($"{what}: this user may not listen on a port below 1024", "choose a port above, or give the capability: AmbientCapabilities=CAP_NET_BIND_SERVICE in the unit, or sysctl net.ipv4.ip_unprivileged_port_start")
                    : Finding.Ok($"{what}: free");
            }

            return examined.Server is not null ? Finding.Ok($"{what}: the server listens")
                : isTarn ? Finding.Problem($"{what}: another Tarn server listens there, on another data directory or in a container", $"stop it, or choose another {setting.Flag}")
                : Finding.Problem($"{what}: another program listens there", $"find it with ss -ltnp 'sport = :{address.Port}' and stop it, or choose another {setting.Flag}");
        }
    }

    private static bool Collides(ListenAddress address, IPEndPoint other) =>
        address.Port != 0 && address.Port == other.Port
        && (address.IsEveryAddress || IsAny(other.Address) || (address.IsLocalhost ? IPAddress.IsLoopback(other.Address) : IsAny(address.Address!) || address.Address!.Equals(other.Address)));

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private static bool MayBind(ProcFiles proc)
    {
        string? line = proc.Read("self/status")?.Split('\n').FirstOrDefault(static line => line.StartsWith("CapEff:", StringComparison.Ordinal));
        return line is not null && ulong.TryParse(line[7..].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong capabilities) && (capabilities >> BindCapability & 1) == 1;
    }
}
