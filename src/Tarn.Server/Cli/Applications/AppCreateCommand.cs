using System.CommandLine;
using System.Text;
using System.Text.Json;
using Tarn.Server.Control.Endpoints;
using Tarn.Server.Control.Tarn;

namespace Tarn.Server.Cli.Applications;

/// <summary><c>tarn app create</c>.</summary>
internal static class AppCreateCommand
{
    public static Command Create(ControlCli cli)
    {
        Argument<string> name = ControlCli.Argument("NAME", "The application's name, which its user gets.");
        Option<string?> org = ControlCli.Organization();
        Option<string?> bucket = ControlCli.Text("--bucket", "BUCKET", "The name of its bucket, which is created; the application's name by default.");
        Option<string?> access = ControlCli.Text("--access", "POLICY", "What it may do with the bucket: read-write (the default), read-only or write-only.");
        Option<string?> endpoint = ControlCli.Text("--endpoint-url", "URL", "The URL by which it reaches S3; the one that the server is configured with by default.");
        return cli.Verb(
            "create",
            "Create a bucket, a user with an access key, and the right of that user to use that bucket; print what to paste into programs. The secret is shown only once.",
            [name, org, bucket, access, endpoint],
            async (parsed, client, output, cancellationToken) =>
            {
                var body = new ApplicationBody
                {
                    Name = parsed.GetRequiredValue(name),
                    Organization = parsed.GetValue(org),
                    Bucket = parsed.GetValue(bucket),
                    Access = parsed.GetValue(access),
                    EndpointUrl = parsed.GetValue(endpoint),
                };
                JsonElement made = await client.SendAsync(HttpMethod.Post, "/api/applications", body, ControlJson.Default.ApplicationBody, cancellationToken);
                output.Show(made, Text);
            });
    }

    private static string Text(JsonElement made)
    {
        var text = new StringBuilder();
        foreach (string member in (string[])["name", "organization", "user", "bucket", "accessKey", "secretKey", "endpointUrl", "region"])
        {
            text.Append(member.PadRight(14)).AppendLine(TerminalText.Of(made.GetProperty(member).GetString()!));
        }

        foreach ((string title, string snippet) in SnippetsView.Titled(made.GetProperty("snippets")))
        {
            text.AppendLine().Append("# ").AppendLine(title).AppendLine().Append(snippet);
        }

        return text.ToString();
    }
}
