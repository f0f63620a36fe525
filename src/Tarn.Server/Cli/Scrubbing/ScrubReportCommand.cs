using System.CommandLine;

namespace Tarn.Server.Cli.Scrubbing;

/// <summary><c>tarn scrub report</c>.</summary>
internal static class ScrubReportCommand
{
    public static Command Create(ControlCli cli) => cli.Verb(
        "report",
        "Show what scrubbing found: what could not be read, and damaged objects.",
        [],
        async (_, client, output, cancellationToken) =>
            output.Show(await client.SendAsync(HttpMethod.Get, "/api/scrub/report", cancellationToken), ScrubText.Report));
}
