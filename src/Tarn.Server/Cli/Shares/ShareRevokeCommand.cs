using System.CommandLine;

namespace Tarn.Server.Cli.Shares;

/// <summary><c>tarn share revoke</c>, and <c>tarn disk share revoke</c>, which do the same.</summary>
internal static class ShareRevokeCommand
{
    public static Command Create(ControlCli cli)
    {
        Argument<string> id = ControlCli.Argument("ID", "The link's id, as listed.");
        return cli.Verb(
            "revoke",
            "Revoke a link: it is refused from the next request on.",
            [id],
            async (parsed, client, output, cancellationToken) =>
            {
                string link = parsed.GetRequiredValue(id);
                await client.SendAsync(HttpMethod.Delete, ControlClient.Path("api", "shares", link), cancellationToken);
                output.Done("revoked", link);
            });
    }
}
