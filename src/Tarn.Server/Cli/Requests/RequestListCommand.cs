using System.CommandLine;

namespace Tarn.Server.Cli.Requests;

/// <summary><c>tarn request list</c>.</summary>
internal static class RequestListCommand
{
    public static Command Create(ControlCli cli)
    {
        Option<string?> bucket = ControlCli.Text("--bucket", "NAME", "Only requests that name this bucket or disk.");
        Option<string?> operation = ControlCli.Text("--operation", "NAMES", "Only requests for these operations: GetObject,PutObject.");
        Option<string?> status = ControlCli.Text("--status", "STATUS", "Only requests with this status: 404, all of one kind: 5xx, or error for all refused or failed ones.");
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
