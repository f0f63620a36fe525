using System.CommandLine;

namespace Tarn.Server.Cli.Organizations;

/// <summary><c>tarn org policy list</c>.</summary>
internal static class OrgPolicyListCommand
{
    public static Command Create(ControlCli cli)
    {
        Argument<string> org = ControlCli.Argument("ORG", "The organization.");
        return cli.Verb(
            "list",
            "List the access policies of an organization.",
            [org],
            async (parsed, client, output, cancellationToken) =>
            {
                output.List(
                    await client.ListAsync(
                        ControlClient.Path("api", "organizations", parsed.GetRequiredValue(org), "policies"), "policies", cancellationToken),
                    "name", "created", "updated");
            });
    }
}
