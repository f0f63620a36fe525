using System.Globalization;
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
            return [Finding.Skipped(SettingsCheck.AreWrong)];
        }

        bool isTarn = examined.Server is null && examined.Control is { } control && (await HealthProbe.AskAsync(control, cancellationToken)).IsReady;
        return [Look(Settings.S3, options.S3), Look(Settings.Control, options.Control)];

        Finding Look(Setting setting, ListenAddress address)
        {
            string what = $"{setting.Flag} {address}";
            return Listening.On(address, examined) switch
            {
                null => Finding.Skipped($"{what}: the kernel does not tell which ports are taken"),
                Listener.Nobody => examined.Server is null ? Free(what, address, examined.Proc) : Elsewhere(what, "the server that runs does not listen there"),
                Listener.Server => Finding.Ok($"{what}: the server (process {examined.Server}) listens"),
                Listener.Unseen => Finding.Skipped($"{what}: some process listens; whether it is the server, this user ({Environment.UserName}) cannot see", "run this command as the server's user, or as root"),
                _ => examined.Server is not null ? Elsewhere(what, $"another process listens there than the server that runs (process {examined.Server})")
                    : isTarn ? Finding.Problem($"{what}: another Tarn server listens there, on another data directory or in a container", $"stop it, or choose another {setting.Flag}")
                    : Finding.Problem($"{what}: another program listens there", $"find it with ss -ltnp 'sport = :{address.Port}' and stop it, or choose another {setting.Flag}"),
            };
        }
    }

    private static Finding Elsewhere(string what, string found) => Finding.Warning($"{what}: {found}", "give this command the settings that the server has: --config, or its environment");

    private static Finding Free(string what, ListenAddress address, ProcFiles proc) =>
        address.Port is > 0 && address.Port < (proc.Number("sys/net/ipv4/ip_unprivileged_port_start") ?? 1024) && !MayBind(proc)
            ? Finding.Warning(
                $"{what}: free, but below 1024, where this shell may not listen", "nothing, if the unit gives the server the capability (AmbientCapabilities=CAP_NET_BIND_SERVICE); otherwise that, a port above, or sysctl net.ipv4.ip_unprivileged_port_start")
            : Finding.Ok($"{what}: free");

    private static bool MayBind(ProcFiles proc)
    {
        string? line = proc.Read("self/status")?.Split('\n').FirstOrDefault(static line => line.StartsWith("CapEff:", StringComparison.Ordinal));
        return line is not null && ulong.TryParse(line[7..].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong capabilities) && (capabilities >> BindCapability & 1) == 1;
    }
}
