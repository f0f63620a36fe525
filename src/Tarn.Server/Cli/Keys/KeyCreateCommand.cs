using System.CommandLine;
using System.Text.Json;
using Tarn.Server.Control.Endpoints;
using Tarn.Server.Control.Tarn;

namespace Tarn.Server.Cli.Keys;

/// <summary><c>tarn key create</c>.</summary>
internal static class KeyCreateCommand
{
    public static Command Create(ControlCli cli)
    {
        Option<string?> org = ControlCli.Text("--org", "ORG", "The organization; yours by default.");
        Option<string?> user = ControlCli.Text("--user", "USER", "The user; the organization's root user by default.");
        Option<string?> expires = ControlCli.Text("--expires", "DURATION", "How long it is valid: 90s, 15m, 12h, 30d. Without end by default.");
        (Option<string?> id, Option<string?> secret) = KeyCommand.Given();
        return cli.Verb(
            "create",
            "Create an access key; its secret is shown only once.",
            [org, user, expires, id, secret],
            async (parsed, client, output, cancellationToken) =>
            {
                var body = new AccessKeyBody
                {
                    Organization = parsed.GetValue(org),
                    User = parsed.GetValue(user),
                    DurationSeconds = CliDuration.Seconds(expires.Name, parsed.GetValue(expires)),
                    AccessKey = parsed.GetValue(id),
                    SecretKey = parsed.GetValue(secret),
                };
                JsonElement made = await client.SendAsync(
                    HttpMethod.Post, "/api/keys", body, ControlJson.Default.AccessKeyBody, cancellationToken);
                output.Show(made);
            });
    }
}
