using System.CommandLine;
using System.Text.Json;
using Tarn.Server.Cli.Keys;
using Tarn.Server.Control.Endpoints;
using Tarn.Server.Control.Tarn;

namespace Tarn.Server.Cli.Organizations;

/// <summary><c>tarn org create</c>.</summary>
internal static class OrgCreateCommand
{
    public static Command Create(ControlCli cli)
    {
        Argument<string> name = ControlCli.Argument("NAME", "Its name, which never changes.");
        Option<string?> canonicalId = ControlCli.Text("--canonical-id", "ID", "Its canonical user id, 64 hexadecimal digits, instead of a generated one.");
        Option<string?> displayName = ControlCli.Text("--display-name", "TEXT", "The name that listings show; NAME by default.");
        Option<string?> email = ControlCli.Text("--email", "ADDR", "The e-mail address by which access control lists may name it.");
        (Option<string?> id, Option<string?> secret) = KeyCommand.Given();
        return cli.Verb(
            "create",
            "Create an organization with a root user and one access key.",
            [name, canonicalId, displayName, email, id, secret],
            async (parsed, client, output, cancellationToken) =>
            {
                var body = new OrganizationBody
                {
                    Name = parsed.GetRequiredValue(name),
                    CanonicalId = parsed.GetValue(canonicalId),
                    DisplayName = parsed.GetValue(displayName),
                    Email = parsed.GetValue(email),
                    AccessKey = parsed.GetValue(id),
                    SecretKey = parsed.GetValue(secret),
                };
                JsonElement made = await client.SendAsync(
                    HttpMethod.Post, "/api/organizations", body, ControlJson.Default.OrganizationBody, cancellationToken);
                output.Show(made);
            });
    }
}
