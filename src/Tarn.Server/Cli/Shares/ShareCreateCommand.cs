using System.CommandLine;
using Tarn.Server.Control.Endpoints;
using Tarn.Server.Control.Tarn;

namespace Tarn.Server.Cli.Shares;

/// <summary><c>tarn share create</c>.</summary>
internal static class ShareCreateCommand
{
    public static Command Create(ControlCli cli)
    {
        Argument<string> bucket = ControlCli.Argument("BUCKET", "The name of one of your buckets.");
        Argument<string> key = ControlCli.Argument("KEY", "The object's key.");
        Option<string?> version = ControlCli.Text("--version-id", "ID", "The version; by default the one that is current when the link is used.");
        Option<string?> expires = ShareCommand.Expires();
        return cli.Verb(
            "create",
            "Create a link with which anyone can read one object; its URL is shown only once.",
            [bucket, key, version, expires],
            async (parsed, client, output, cancellationToken) => output.Show(await client.SendAsync(
                HttpMethod.Post,
                "/api/shares",
                new ObjectShareBody
                {
                    Bucket = parsed.GetRequiredValue(bucket),
                    Key = parsed.GetRequiredValue(key),
                    VersionId = parsed.GetValue(version),
                    ExpiresIn = CliDuration.Seconds(expires.Name, parsed.GetValue(expires)),
                },
                ControlJson.Default.ObjectShareBody,
                cancellationToken)));
    }
}
