using System.CommandLine;
using System.Text.Json;

namespace Tarn.Server.Cli.Accelerators;

/// <summary><c>tarn accelerator status</c>.</summary>
internal static class AcceleratorStatusCommand
{
    public static Command Create(ControlCli cli) => cli.Verb(
        "status",
        "List the accelerators that are there, what they have done since their start, and whose data came from caches.",
        [],
        async (parsed, client, output, cancellationToken) =>
        {
            var hits = new List<JsonElement>();
            output.List(
                await client.ListAsync("/api/accelerators", "accelerators", cancellationToken, data => hits.AddRange(data.GetProperty("hitBytes").EnumerateArray())),
                "name", "zone", "address", "version", "hits", "partials", "misses", "bypasses", "bytesFromCache", "bytesFromPeers", "bytesFromUpstream", "cacheBytes", "cacheCapacity", "lastSeen");
            if (hits.Count > 0)
            {
                output.Further("Bytes from caches since the server's start, by the organization whose bucket they are of:", hits, "organization", "bytes");
            }
        });
}
