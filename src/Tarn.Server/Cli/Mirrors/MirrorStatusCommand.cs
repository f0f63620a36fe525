using System.CommandLine;

namespace Tarn.Server.Cli.Mirrors;

/// <summary><c>tarn mirror status</c>.</summary>
internal static class MirrorStatusCommand
{
    public static Command Create(ControlCli cli) => cli.Verb(
        "status",
        "Show the state of both sides, and how far one is filled.",
        [],
        async (parsed, client, output, cancellationToken) =>
        {
            output.List(
                await client.ListAsync("/api/mirror", "sides", cancellationToken),
                "state", "directory", "rowsCompared", "directoriesCompared", "bytesCopied", "cause");
        });
}
