using System.CommandLine;

namespace Tarn.Server.Cli.Buckets;

/// <summary><c>tarn bucket recount</c>.</summary>
internal static class BucketRecountCommand
{
    public static Command Create(ControlCli cli) => cli.Verb(
        "recount",
        "Have what all buckets hold counted anew, where a check found the counts to be wrong.",
        [],
        async (_, client, output, cancellationToken) =>
        {
            await client.SendAsync(HttpMethod.Post, "/api/buckets/recount", cancellationToken);
            output.Done("recounting", "all buckets");
        });
}
