using System.Net;
using System.Net.Sockets;
using Tarn.Server.Cli.Doctor.Checks;

namespace Tarn.Server.Cli.Doctor.Accelerators;

/// <summary>How the other accelerators of the zone reach this one.</summary>
internal sealed class PeersCheck : ICheck<ExaminedAccelerator>
{
    public string Name => "peers";

    public async Task<IReadOnlyList<Finding>> RunAsync(ExaminedAccelerator examined, CancellationToken cancellationToken)
    {
        if (examined.Options is not { } options)
        {
            return [Finding.Skipped("they are not known: the settings are wrong")];
        }

        if (options.PeerAddress is not { } address)
        {
            return [Finding.Ok($"nothing is shared with other accelerators of zone {options.Zone}, since --peers is not set")];
        }

        string host = address[..address.LastIndexOf(':')].Trim('[', ']');
        IPAddress[] found;
        try
        {
            found = IPAddress.TryParse(host, out IPAddress? literal) ? [literal] : await examined.Resolve(host, cancellationToken);
        }
        catch (SocketException e)
        {
            return [Finding.Problem($"{host}, which others are told to reach this accelerator by, has no address here: {e.Message}", "mend the name in DNS, or set --peer-address to an address")];
        }

        string what = $"others are told to reach this accelerator at {address}{(found is [var one] && one.ToString() == host ? "" : $" ({string.Join(", ", (object[])found)})")}";
        return
        [
            found.Length == 0 ? Finding.Problem($"{host}, which others are told to reach this accelerator by, has no address here", "mend the name in DNS, or set --peer-address to an address")
            : found.All(IPAddress.IsLoopback) ? Finding.Warning($"{what}: only accelerators of this machine do", "set --peers, or --peer-address, to an address that others reach")
            : !found.Intersect(examined.Addresses()).Any() ? Finding.Warning($"{what}, which is no address of this machine", "nothing, if what is between translates it, as a service of Kubernetes; otherwise set --peer-address right")
            : Finding.Ok(what),
        ];
    }
}
