using System.CommandLine;
using System.Text.Json;
using Tarn.Server.Cli.Issuers;
using Tarn.Server.Control.Endpoints;
using Tarn.Server.Control.Tarn;

namespace Tarn.Server.Cli.Roles;

/// <summary><c>tarn role create</c>.</summary>
internal static class RoleCreateCommand
{
    public static Command Create(ControlCli cli)
    {
        Argument<string> name = ControlCli.Argument("NAME", "The role's name, unique in the organization.");
        Option<string> org = RoleCommand.Organization();
        Option<string> issuer = ControlCli.RequiredText("--issuer", "NAME", "The name of the issuer whose tokens assume it.");
        var subjects = new Option<string[]>("--subject") { Description = "What the claim sub may be, with * and ? as wildcards; repeatable.", HelpName = "PATTERN" };
        Option<string?> conditions = ControlCli.Text("--conditions", "FILE", "Conditions on claims, as JSON, instead of --subject; - for standard input.");
        var audiences = new Option<string[]>("--audience") { Description = "A value of the claim aud of which a token must have one, instead of the issuer's; repeatable.", HelpName = "TEXT" };
        var policies = new Option<string[]>("--policy") { Description = "A file with a policy of the role; repeatable.", HelpName = "FILE" };
        var longest = new Option<int?>("--max-session") { Description = "The longest session, in seconds: 900 to 43200; 3600 by default.", HelpName = "SECONDS" };
        return cli.Verb(
            "create",
            "Create a role.",
            [name, org, issuer, subjects, conditions, audiences, policies, longest],
            async (parsed, client, output, cancellationToken) =>
            {
                var documents = new List<JsonElement>();
                foreach (string path in parsed.GetValue(policies) ?? [])
                {
                    documents.Add(await ClaimsFile.JsonAsync(path, cancellationToken));
                }

                var body = new RoleBody
                {
                    Name = parsed.GetRequiredValue(name),
                    Issuer = parsed.GetRequiredValue(issuer),
                    Conditions = await ClaimsFile.ReadAsync(parsed.GetValue(subjects) ?? [], parsed.GetValue(conditions), cancellationToken)
                        ?? throw new CliException("give either --subject or --conditions: without one, every workload of the issuer could assume the role"),
                    Audiences = parsed.GetValue(audiences) ?? [],
                    Policies = documents,
                    MaxSessionSeconds = parsed.GetValue(longest),
                };
                JsonElement made = await client.SendAsync(
                    HttpMethod.Post,
                    ControlClient.Path("api", "organizations", parsed.GetRequiredValue(org), "roles"),
                    body,
                    ControlJson.Default.RoleBody,
                    cancellationToken);
                output.Show(made);
            });
    }
}
