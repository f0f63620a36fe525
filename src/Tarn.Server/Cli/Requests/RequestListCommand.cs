using System.CommandLine;

namespace Tarn.Server.Cli.Requests;

/// <summary><c>tarn request list</c>.</summary>
internal static class RequestListCommand
{
    public static Command Create(ControlCli cli)
    {
        Option<string?> bucket = ControlCli.Text("--bucket", "NAME", "Only requests that name this bucket or disk.");
        Option<string?> operation = ControlCli.Text("--operation", "NAME", "Only requests for this operation: GetObject.");
        Option<string?> status = ControlCli.Text("--status", "STATUS", "Only requests with this status, or of its class: 404 or 4xx.");
        Option<string?> id = ControlCli.Text("--id", "ID", "Only the request with this id.");
        return cli.Verb(
            "list",
            "List the requests that ended last, the newest first.",
            [bucket, operation, status, id],
            async (parsed, client, output, cancellationToken) => output.List(
                await client.ListAsync(
                    ControlClient.Query(
                        "/api/requests",
                        ("bucket", parsed.GetValue(bucket)), ("operation", parsed.GetValue(operation)), ("status", parsed.GetValue(status)), ("requestId", parsed.GetValue(id))),
                    "requests",
                    cancellationToken),
                "time", "requestId", "operation", "status", "error", "bucket", "key", "bytesIn", "bytesOut", "milliseconds", "requester", "remote"));
    }
}
