using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Tarn.Core.Model;

namespace Tarn.Server.Cli.Accelerators;

/// <summary><c>tarn accelerator prestage</c>: has an accelerator bring objects into its cache before somebody reads them.</summary>
internal static class AcceleratorPrestageCommand
{
    private const string Scheme = "s3://";

    private const int DefaultConcurrency = 16, MaxConcurrency = 256;

    public static Command Create(ControlCli cli, TimeProvider time)
    {
        Argument<string> place = ControlCli.Argument("PLACE", "s3://BUCKET, or s3://BUCKET/PREFIX for the objects whose keys begin so.");
        var concurrency = new Option<int?>("--concurrency") { Description = $"Requests at a time, 1 to {MaxConcurrency}; {DefaultConcurrency} by default.", HelpName = "N" };
        return cli.AcceleratorVerb(
            "prestage",
            "Have an accelerator bring objects into its cache, in the background, before they are read.",
            [place, concurrency],
            async (parsed, client, output, cancellationToken) =>
            {
                (string bucket, string prefix) = Parse(parsed.GetRequiredValue(place));
                int requests = parsed.GetValue(concurrency) ?? DefaultConcurrency;
                if (requests is < 1 or > MaxConcurrency)
                {
                    throw new CliException($"--concurrency: {requests.ToString(CultureInfo.InvariantCulture)} is not between 1 and {MaxConcurrency}");
                }

                PrestageResult result;
                using (var line = TerminalLine.Of(parsed))
                {
                    var progress = new PrestageProgress(line, TerminalLine.IsForPrograms(parsed), time);
                    var run = new PrestageRun(client, bucket, progress, time);
                    result = await run.RunAsync(new ListedObjects(client, progress.Waits, time).ListAsync(bucket, prefix, cancellationToken), requests, cancellationToken);
                }

                output.Show(Json(result), () => Text(result));
                if (result.Stopped is { } reason)
                {
                    throw new CliException(reason);
                }

                if (result.Failed > 0)
                {
                    throw new CliException(result.Failed == 1 ? "1 object is not staged" : string.Create(CultureInfo.InvariantCulture, $"{result.Failed:N0} objects are not staged"));
                }
            });
    }

    /// <exception cref="CliException">It names no bucket.</exception>
    internal static (string Bucket, string Prefix) Parse(string text)
    {
        string rest = text.StartsWith(Scheme, StringComparison.Ordinal) ? text[Scheme.Length..] : "";
        int slash = rest.IndexOf('/', StringComparison.Ordinal);
        string bucket = slash < 0 ? rest : rest[..slash];
        return BucketName.TryParse(bucket, out _)
            ? (bucket, slash < 0 ? "" : rest[(slash + 1)..])
            : throw new CliException($"'{text}' is not like s3://BUCKET/PREFIX");
    }

    private static JsonObject Json(PrestageResult result)
    {
        var json = new JsonObject
        {
            ["objects"] = result.Objects,
            ["bytes"] = result.Bytes,
            ["empty"] = result.Empty,
            ["gone"] = result.Gone,
            ["failed"] = result.Failed,
            ["failures"] = new JsonArray([.. result.Failures.Select(static failure => (JsonNode)failure)]),
        };
        if (result.Stopped is { } reason)
        {
            json["stopped"] = reason;
        }

        return json;
    }

    private static string Text(PrestageResult result) => string.Create(
        CultureInfo.InvariantCulture,
        $"staged in the background  {result.Objects:N0} ({HumanBytes.Of(result.Bytes)})\nwithout bytes             {result.Empty:N0}\ndeleted meanwhile         {result.Gone:N0}\nfailed                    {result.Failed:N0}\n");
}
