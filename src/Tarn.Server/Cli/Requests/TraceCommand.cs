using System.CommandLine;
using System.Globalization;
using System.Text.Json;

namespace Tarn.Server.Cli.Requests;

/// <summary><c>tarn trace</c>: shows requests as they end, until it is interrupted or the server stops.</summary>
internal static class TraceCommand
{
    public static Command Create(ControlCli cli)
    {
        Option<string?> operation = ControlCli.Text("--operation", "NAMES", "Only these operations: GetObject,PutObject.");
        Option<string?> bucket = ControlCli.Text("--bucket", "BUCKET", "Only requests for this bucket.");
        Option<string?> prefix = ControlCli.Text("--prefix", "PREFIX", "Only keys that begin so.");
        Option<string?> status = ControlCli.Text("--status", "STATUS", "Only answers with this status: 404, or all of one kind: 5xx.");
        var errors = new Option<bool>("--errors") { Description = "Only requests that were refused or failed." };
        var slow = new Option<int?>("--min-ms") { Description = "Only requests that took at least so many milliseconds.", HelpName = "N" };
        return cli.Single(
            "trace",
            "Show requests to S3 as they end.",
            [operation, bucket, prefix, status, errors, slow],
            async (parsed, client, output, cancellationToken) =>
            {
                if (parsed.GetValue(errors) && parsed.GetValue(status) is not null)
                {
                    throw new CliException("--errors cannot be combined with --status");
                }

                string path = ControlClient.Query(
                    "/api/trace",
                    ("operation", parsed.GetValue(operation)),
                    ("bucket", parsed.GetValue(bucket)),
                    ("prefix", parsed.GetValue(prefix)),
                    ("status", parsed.GetValue(errors) ? "error" : parsed.GetValue(status)),
                    ("minMilliseconds", parsed.GetValue(slow)?.ToString(CultureInfo.InvariantCulture)));
                await client.FollowAsync(path, line => output.Line(line, Text), cancellationToken);
            });
    }

    private static string Text(JsonElement line) => line.TryGetProperty("lost", out JsonElement lost)
        ? $"({lost.GetInt64()} requests are not shown here: this command did not take them in time)"
        : RequestText.Line(line);
}
