using System.CommandLine;

namespace Tarn.Server.Cli.Tokens;

/// <summary><c>tarn token list</c>.</summary>
internal static class TokenListCommand
{
    public static Command Create(ControlCli cli)
    {
        Option<string?> org = ControlCli.Text("--org", "ORG", "The organization; yours by default.");
        return cli.Verb(
            "list",
            "List the tokens of an organization.",
            [org],
            async (parsed, client, output, cancellationToken) =>
            {
                output.List(
                    await client.ListAsync(ControlClient.Query("/api/tokens", ("organization", parsed.GetValue(org))), "tokens", cancellationToken),
                    "name", "organization", "user", "tokenSuffix", "createdAt", "id");
            });
    }
}
