using System.CommandLine;

namespace Tarn.Server.Cli.Organizations;

/// <summary><c>tarn org list</c>.</summary>
internal static class OrgListCommand
{
    public static Command Create(ControlCli cli) => cli.Verb(
        "list",
        "List the organizations.",
        [],
        async (parsed, client, output, cancellationToken) =>
        {
            output.List(
                await client.ListAsync("/api/organizations", "organizations", cancellationToken),
                "name", "displayName", "email", "canonicalId", "created");
        });
}
