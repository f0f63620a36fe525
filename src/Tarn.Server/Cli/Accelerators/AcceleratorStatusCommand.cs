using System.CommandLine;

namespace Tarn.Server.Cli.Accelerators;

/// <summary><c>tarn accelerator status</c>.</summary>
internal static class AcceleratorStatusCommand
{
    public static Command Create(ControlCli cli) => cli.Verb(
        "status",
        "List the accelerators that are there, and what they have done since their start.",
        [],
        async (parsed, client, output, cancellationToken) => output.List(
            await client.ListAsync("/api/accelerators", "accelerators", cancellationToken),
            "name", "zone", "address", "version", "hits", "partials", "misses", "bypasses", "bytesFromCache", "bytesFromPeers", "bytesFromUpstream", "cacheBytes", "cacheCapacity", "lastSeen"));
}
