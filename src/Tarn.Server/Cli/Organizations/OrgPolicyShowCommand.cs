using System.CommandLine;

namespace Tarn.Server.Cli.Organizations;

/// <summary><c>tarn org policy show</c>.</summary>
internal static class OrgPolicyShowCommand
{
    public static Command Create(ControlCli cli)
    {
        Argument<string> org = ControlCli.Argument("ORG", "The organization.");
        Argument<string> name = ControlCli.Argument("NAME", "The policy's name.");
        return cli.Verb(
            "show",
            "Show an access policy of an organization.",
            [org, name],
            async (parsed, client, output, cancellationToken) =>
            {
                output.Show(await client.SendAsync(
                    HttpMethod.Get,
                    ControlClient.Path("api", "organizations", parsed.GetRequiredValue(org), "policies", parsed.GetRequiredValue(name)),
                    cancellationToken));
            });
    }
}
