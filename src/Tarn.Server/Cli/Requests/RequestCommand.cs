using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tarn.Server.Cli.Requests;

/// <summary><c>tarn request</c>.</summary>
internal static class RequestCommand
{
    public static Command Create(ControlCli cli) => cli.Group("request", "Requests to S3 that have ended.", RequestListCommand.Create(cli), Explain(cli), RequestRatesCommand.Create(cli));

    private static Command Explain(ControlCli cli)
    {
        Argument<string> id = ControlCli.Argument("ID", "The request: its x-amz-request-id.");
        Option<string?> log = ControlCli.Text("--accelerator-log", "FILE", "The access log of the accelerator that the request came through: what became of it there is shown, too.");
        return cli.Verb(
            "explain",
            "Show where the time of one of the latest requests went and, if it was denied, why.",
            [id, log],
            async (parsed, client, output, cancellationToken) =>
            {
                string requestId = parsed.GetRequiredValue(id);
                JsonElement request = await client.SendAsync(HttpMethod.Get, ControlClient.Path("api", "requests", requestId), cancellationToken);
                if (parsed.GetValue(log) is not { } path)
                {
                    output.Show(request, RequestText.Explanation);
                    return;
                }

                JsonElement line = await AcceleratorLog.FindAsync(path, requestId, cancellationToken) ?? throw new CliException($"no line of {path} is about the request {requestId}");
                JsonObject joined = JsonObject.Create(request)!;
                joined["acceleratorRequest"] = JsonObject.Create(line);
                output.Show(joined, () => RequestText.Explanation(request) + RequestText.ThroughAccelerator(line));
            });
    }
}
