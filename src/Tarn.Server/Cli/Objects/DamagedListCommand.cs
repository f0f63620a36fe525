using System.CommandLine;

namespace Tarn.Server.Cli.Objects;

/// <summary><c>tarn object damaged list</c>.</summary>
internal static class DamagedListCommand
{
    public static Command Create(ControlCli cli) => cli.Verb(
        "list",
        "List damaged objects, and damaged parts of uploads in progress.",
        [],
        async (_, client, output, cancellationToken) => output.List(
            await client.ListAsync("/api/damaged", "damaged", cancellationToken),
            "kind", "bucket", "key", "versionId", "uploadId", "partNumber", "data", "firstSeen", "isGone"));
}
