using System.CommandLine;
using Tarn.Server.Cli.Policies;

namespace Tarn.Server.Cli.Organizations;

/// <summary><c>tarn org policy put</c>.</summary>
internal static class OrgPolicyPutCommand
{
    public static Command Create(ControlCli cli)
    {
        Argument<string> org = ControlCli.Argument("ORG", "The organization.");
        Argument<string> file = ControlCli.Argument("FILE", "The policy: JSON, version v1alpha1; - reads standard input.");
        return cli.Verb(
            "put",
            "Put an access policy of an organization, replacing the one of the same name.",
            [org, file],
            async (parsed, client, output, cancellationToken) =>
            {
                byte[] document = await PolicyFile.ReadAsync(parsed.GetRequiredValue(file), cancellationToken);
                output.Show(await client.SendAsync(
                    HttpMethod.Put,
                    ControlClient.Path("api", "organizations", parsed.GetRequiredValue(org), "policies", PolicyFile.Name(document)),
                    document,
                    cancellationToken));
            });
    }
}
