using System.CommandLine;

namespace Tarn.Server.Cli.Roles;

/// <summary><c>tarn role</c>.</summary>
internal static class RoleCommand
{
    public static Command Create(ControlCli cli) => cli.Group(
        "role", "Roles that workloads assume with a token.", RoleCreateCommand.Create(cli), List(cli), Show(cli), Delete(cli));

    /// <summary>The option that names the organization of the role.</summary>
    public static Option<string> Organization() => ControlCli.RequiredText("--org", "ORG", "The role's organization.");

    private static Command List(ControlCli cli)
    {
        Option<string> org = Organization();
        return cli.Verb(
            "list",
            "List the roles of an organization.",
            [org],
            async (parsed, client, output, cancellationToken) =>
            {
                output.List(
                    await client.ListAsync(ControlClient.Path("api", "organizations", parsed.GetRequiredValue(org), "roles"), "roles", cancellationToken),
                    "name", "arn", "issuer", "maxSessionSeconds", "created");
            });
    }

    private static Command Show(ControlCli cli)
    {
        Argument<string> name = ControlCli.Argument("NAME", "The role's name.");
        Option<string> org = Organization();
        return cli.Verb(
            "show",
            "Show a role.",
            [name, org],
            async (parsed, client, output, cancellationToken) =>
            {
                output.Show(await client.SendAsync(
                    HttpMethod.Get,
                    ControlClient.Path("api", "organizations", parsed.GetRequiredValue(org), "roles", parsed.GetRequiredValue(name)),
                    cancellationToken));
            });
    }

    private static Command Delete(ControlCli cli)
    {
        Argument<string> name = ControlCli.Argument("NAME", "The role's name.");
        Option<string> org = Organization();
        return cli.Verb(
            "delete",
            "Delete a role; its sessions end at once.",
            [name, org],
            async (parsed, client, output, cancellationToken) =>
            {
                string role = parsed.GetRequiredValue(name);
                await client.SendAsync(
                    HttpMethod.Delete, ControlClient.Path("api", "organizations", parsed.GetRequiredValue(org), "roles", role), cancellationToken);
                output.Done("deleted", role);
            });
    }
}
