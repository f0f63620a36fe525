using System.CommandLine;

namespace Tarn.Server.Cli.Buckets;

/// <summary><c>tarn bucket show</c>.</summary>
internal static class BucketShowCommand
{
    public static Command Create(ControlCli cli)
    {
        Argument<string> bucket = ControlCli.Argument("BUCKET", "The bucket.");
        return cli.Verb(
            "show",
            "Show a bucket and what it holds.",
            [bucket],
            async (parsed, client, output, cancellationToken) => output.Show(
                await client.SendAsync(HttpMethod.Get, ControlClient.Path("api", "buckets", parsed.GetRequiredValue(bucket)), cancellationToken)));
    }
}
