using System.CommandLine;
using System.Globalization;

namespace Tarn.Server.Cli.Requests;

/// <summary><c>tarn request rates</c>.</summary>
internal static class RequestRatesCommand
{
    public static Command Create(ControlCli cli)
    {
        var seconds = new Option<int?>("--seconds") { Description = "How far back, 1 to 600; 60 by default.", HelpName = "N" };
        return cli.Verb(
            "rates",
            "Show how many requests ended in each of the last seconds, with how many bytes, and how long they took.",
            [seconds],
            async (parsed, client, output, cancellationToken) =>
            {
                string path = ControlClient.Query("/api/rates", ("seconds", parsed.GetValue(seconds)?.ToString(CultureInfo.InvariantCulture)));
                output.List(await client.ListAsync(path, "rates", cancellationToken), "time", "requests", "errors", "serverErrors", "bytesIn", "bytesOut", "p50Milliseconds", "p99Milliseconds");
            });
    }
}
