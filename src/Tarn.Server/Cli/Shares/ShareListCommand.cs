using System.CommandLine;

namespace Tarn.Server.Cli.Shares;

/// <summary><c>tarn share list</c>.</summary>
internal static class ShareListCommand
{
    public static Command Create(ControlCli cli)
    {
        Option<string?> org = ControlCli.Organization();
        Option<string?> bucket = ControlCli.Text("--bucket", "BUCKET", "Only links to objects of this bucket.");
        return cli.Verb(
            "list",
            "List an organization's links, to files of disks and to objects.",
            [org, bucket],
            async (parsed, client, output, cancellationToken) => output.List(
                await client.ListAsync(
                    ControlClient.Query("/api/shares", ("organization", parsed.GetValue(org)), ("bucket", parsed.GetValue(bucket))), "links", cancellationToken),
                "id", "disk", "bucket", "key", "versionId", "createdAt", "expiresAt", "createdBy"));
    }
}
