using System.CommandLine;

namespace Tarn.Server.Cli.Keys;

/// <summary><c>tarn key revoke</c>.</summary>
internal static class KeyRevokeCommand
{
    public static Command Create(ControlCli cli)
    {
        Argument<string> id = ControlCli.Argument("ID", "The access key.");
        return cli.Verb(
            "revoke",
            "Revoke an access key: it is refused from the next request on.",
            [id],
            async (parsed, client, output, cancellationToken) =>
            {
                string key = parsed.GetRequiredValue(id);
                await client.SendAsync(HttpMethod.Delete, ControlClient.Path("api", "keys", key), cancellationToken);
                output.Done("revoked", key);
            });
    }
}
