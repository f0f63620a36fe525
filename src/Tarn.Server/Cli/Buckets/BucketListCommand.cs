using System.CommandLine;

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
            async (parsed, client, output, cancellationToken) => output.List(
                await client.ListAsync(ControlClient.Query("/api/buckets", ("organization", parsed.GetValue(organization))), "buckets", cancellationToken),
                "name", "ownerName", "objects", "bytes", "noncurrentVersions", "noncurrentBytes", "deleteMarkers", "uploads", "uploadBytes", "isExact"));
    }
}
