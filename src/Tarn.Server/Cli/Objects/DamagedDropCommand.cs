using System.CommandLine;
using System.Globalization;
using Tarn.Server.Control.Endpoints;
using Tarn.Server.Control.Tarn;

namespace Tarn.Server.Cli.Objects;

/// <summary><c>tarn object damaged drop</c>.</summary>
internal static class DamagedDropCommand
{
    public static Command Create(ControlCli cli)
    {
        Argument<string> bucket = ControlCli.Argument("BUCKET", "The bucket, as listed.");
        Argument<string> key = ControlCli.Argument("KEY", "The key.");
        Option<string?> version = ControlCli.Text("--version-id", "ID", "The version, as listed; null where versions are not kept.");
        Option<string?> upload = ControlCli.Text("--upload-id", "ID", "The upload of a damaged part.");
        Option<string?> part = ControlCli.Text("--part", "N", "The number of that part.");
        return cli.Verb(
            "drop",
            "Delete a damaged version of an object, or a damaged part, for good; what is not damaged is left as it is.",
            [bucket, key, version, upload, part],
            async (parsed, client, output, cancellationToken) =>
            {
                var body = new DropBody
                {
                    Bucket = parsed.GetRequiredValue(bucket),
                    Key = parsed.GetRequiredValue(key),
                    VersionId = parsed.GetValue(version),
                    UploadId = parsed.GetValue(upload),
                    PartNumber = Number(parsed.GetValue(part)),
                };
                await client.SendAsync(HttpMethod.Post, "/api/damaged/drop", body, ControlJson.Default.DropBody, cancellationToken);
                output.Done("dropped", $"{body.Bucket}/{body.Key}");
            });
    }

    private static int? Number(string? text) => text is null ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number
        : throw new CliException($"--part: '{text}' is not the number of a part");
}
