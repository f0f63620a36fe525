using System.CommandLine;
using System.Text.Json;

namespace Tarn.Server.Cli.Buckets;

/// <summary><c>tarn bucket list</c>.</summary>
internal static class BucketListCommand
{
    public static Command Create(ControlCli cli)
    {
        Option<string?> organization = ControlCli.Text("--org", "ORG", "The organization; by default the requester's, or all for the server's root user.");
        return cli.Verb(
            "list",
            "List buckets with their objects, older versions and uploads in progress, in bytes.",
            [organization],
            async (parsed, client, output, cancellationToken) =>
            {
                var damaged = new List<JsonElement>();
                output.List(
                    await client.ListAsync(
                        ControlClient.Query("/api/buckets", ("organization", parsed.GetValue(organization))), "buckets", cancellationToken, page => damaged.AddRange(Damaged(page))),
                    "name", "ownerName", "objects", "bytes", "noncurrentVersions", "noncurrentBytes", "deleteMarkers", "uploads", "uploadBytes", "isExact");
                foreach (JsonElement bucket in damaged)
                {
                    await parsed.InvocationConfiguration.Error.WriteLineAsync(
                        $"tarn: the bucket {TerminalText.Of(bucket.GetProperty("name").GetString()!)} is not listed: {TerminalText.Of(bucket.GetProperty("error").GetString()!)}");
                }
            });
    }

    // A server of an earlier version does not tell.
    private static JsonElement.ArrayEnumerator Damaged(JsonElement page) => page.TryGetProperty("damaged", out JsonElement damaged) ? damaged.EnumerateArray() : default;
}
