using System.CommandLine;
using System.Text.Json;
using Tarn.Server.Control.Archil;
using Tarn.Server.Control.Endpoints;

namespace Tarn.Server.Cli.Tokens;

/// <summary><c>tarn token create</c>.</summary>
internal static class TokenCreateCommand
{
    public static Command Create(ControlCli cli)
    {
        Argument<string> name = ControlCli.Argument("NAME", "The token's name.");
        Option<string?> description = ControlCli.Text("--description", "TEXT", "What it is for.");
        Option<string?> org = ControlCli.Text("--org", "ORG", "The organization; yours by default.");
        Option<string?> user = ControlCli.Text("--user", "USER", "The user; the organization's root user by default.");
        return cli.Verb(
            "create",
            "Create a token for the control API; it is shown only once.",
            [name, description, org, user],
            async (parsed, client, output, cancellationToken) =>
            {
                var body = new TokenBody
                {
                    Name = parsed.GetRequiredValue(name),
                    Description = parsed.GetValue(description),
                    Organization = parsed.GetValue(org),
                    User = parsed.GetValue(user),
                };
                JsonElement made = await client.SendAsync(HttpMethod.Post, "/api/tokens", body, ControlJson.Default.TokenBody, cancellationToken);
                output.Show(made);
            });
    }
}
