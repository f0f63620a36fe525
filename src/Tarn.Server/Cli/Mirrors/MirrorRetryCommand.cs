using System.CommandLine;

namespace Tarn.Server.Cli.Mirrors;

/// <summary><c>tarn mirror retry</c>.</summary>
internal static class MirrorRetryCommand
{
    public static Command Create(ControlCli cli) => cli.Verb(
        "retry",
        "Try a side that is lost again now, instead of after a while.",
        [],
        async (parsed, client, output, cancellationToken) =>
        {
            await client.SendAsync(HttpMethod.Post, "/api/mirror/retry", cancellationToken);
            output.Done("retried", "mirror");
        });
}
