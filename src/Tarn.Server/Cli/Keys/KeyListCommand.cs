using System.CommandLine;

namespace Tarn.Server.Cli.Keys;

/// <summary><c>tarn key list</c>.</summary>
internal static class KeyListCommand
{
    public static Command Create(ControlCli cli)
    {
        Option<string?> org = ControlCli.Text("--org", "ORG", "The organization; yours by default.");
        Option<string?> user = ControlCli.Text("--user", "USER", "The user; all users of the organization by default.");
        return cli.Verb(
            "list",
            "List the access keys of an organization, or of one of its users.",
            [org, user],
            async (parsed, client, output, cancellationToken) =>
            {
                output.List(
                    await client.ListAsync(
                        ControlClient.Query("/api/keys", ("organization", parsed.GetValue(org)), ("user", parsed.GetValue(user))), "keys", cancellationToken),
                    "accessKey", "organization", "user", "created", "rotated", "expires", "policyId", "lastUsed", "lastUsedFrom");
            });
    }
}
