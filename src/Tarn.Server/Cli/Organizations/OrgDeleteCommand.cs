using System.CommandLine;

namespace Tarn.Server.Cli.Organizations;

/// <summary><c>tarn org delete</c>.</summary>
internal static class OrgDeleteCommand
{
    public static Command Create(ControlCli cli)
    {
        Argument<string> name = ControlCli.Argument("NAME", "Its name.");
        return cli.Verb(
            "delete",
            "Delete an organization that owns no buckets, with its users, keys, tokens and policies.",
            [name],
            async (parsed, client, output, cancellationToken) =>
            {
                string organization = parsed.GetRequiredValue(name);
                await client.SendAsync(HttpMethod.Delete, ControlClient.Path("api", "organizations", organization), cancellationToken);
                output.Done("deleted", organization);
            });
    }
}
