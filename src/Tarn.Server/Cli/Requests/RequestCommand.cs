using System.CommandLine;

namespace Tarn.Server.Cli.Requests;

/// <summary><c>tarn request</c>.</summary>
internal static class RequestCommand
{
    public static Command Create(ControlCli cli) => cli.Group("request", "Requests to S3 that have ended.", RequestListCommand.Create(cli), Explain(cli), RequestRatesCommand.Create(cli));

    private static Command Explain(ControlCli cli)
    {
        Argument<string> id = ControlCli.Argument("ID", "The request: its x-amz-request-id.");
        return cli.Verb(
            "explain",
            "Show where the time of one of the latest requests went and, if it was denied, why.",
            [id],
            async (parsed, client, output, cancellationToken) => output.Show(
                await client.SendAsync(HttpMethod.Get, ControlClient.Path("api", "requests", parsed.GetRequiredValue(id)), cancellationToken), RequestText.Explanation));
    }
}
