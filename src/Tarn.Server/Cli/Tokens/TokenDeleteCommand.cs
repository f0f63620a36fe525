using System.CommandLine;

namespace Tarn.Server.Cli.Tokens;

/// <summary><c>tarn token delete</c>.</summary>
internal static class TokenDeleteCommand
{
    public static Command Create(ControlCli cli)
    {
        Argument<string> id = ControlCli.Argument("ID", "The token's id, as listed.");
        return cli.Verb(
            "delete",
            "Delete a token: it is refused from the next request on.",
            [id],
            async (parsed, client, output, cancellationToken) =>
            {
                string token = parsed.GetRequiredValue(id);
                await client.SendAsync(HttpMethod.Delete, ControlClient.Path("api", "tokens", token), cancellationToken);
                output.Done("deleted", token);
            });
    }
}
