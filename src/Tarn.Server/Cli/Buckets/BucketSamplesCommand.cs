using System.CommandLine;

namespace Tarn.Server.Cli.Buckets;

/// <summary><c>tarn bucket samples</c>.</summary>
internal static class BucketSamplesCommand
{
    public static Command Create(ControlCli cli)
    {
        Argument<string> bucket = ControlCli.Argument("BUCKET", "The bucket.");
        Option<string?> step = ControlCli.Text("--step", "hour|day", "Hours, kept for 90 days, or days, kept for three years; hours by default.");
        Option<string?> from = ControlCli.Text("--from", "TIME", "The first hour or day: 2026-11-29T12:00:00Z or 2026-11-29; by default a day, or 31 days, before the last one.");
        Option<string?> to = ControlCli.Text("--to", "TIME", "The last hour or day; the present one by default.");
        return cli.Verb(
            "samples",
            "List what a bucket held at the end of each hour or day, and what requests did to it.",
            [bucket, step, from, to],
            async (parsed, client, output, cancellationToken) => output.List(
                await client.ListAsync(
                    ControlClient.Query(
                        ControlClient.Path("api", "buckets", parsed.GetRequiredValue(bucket), "samples"),
                        ("step", parsed.GetValue(step)), ("from", parsed.GetValue(from)), ("to", parsed.GetValue(to))),
                    "samples",
                    cancellationToken),
                "time", "observedSeconds", "objects", "bytes", "noncurrentBytes", "deleteMarkers", "uploadBytes", "requests", "errors", "bytesIn", "bytesOut"));
    }
}
