using System.CommandLine;

namespace Tarn.Server.Cli.Organizations;

/// <summary><c>tarn org policy delete</c>.</summary>
internal static class OrgPolicyDeleteCommand
{
    public static Command Create(ControlCli cli)
    {
        Argument<string> org = ControlCli.Argument("ORG", "The organization.");
        Argument<string> name = ControlCli.Argument("NAME", "The policy's name.");
        return cli.Verb(
            "delete",
            "Delete an access policy of an organization.",
            [org, name],
            async (parsed, client, output, cancellationToken) =>
            {
                string policy = parsed.GetRequiredValue(name);
                await client.SendAsync(
                    HttpMethod.Delete,
                    ControlClient.Path("api", "organizations", parsed.GetRequiredValue(org), "policies", policy),
                    cancellationToken);
                output.Done("deleted", policy);
            });
    }
}
