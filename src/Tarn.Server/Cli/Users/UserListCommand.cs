using System.CommandLine;

namespace Tarn.Server.Cli.Users;

/// <summary><c>tarn user list</c>.</summary>
internal static class UserListCommand
{
    public static Command Create(ControlCli cli)
    {
        Option<string> org = UserCommand.Organization();
        return cli.Verb(
            "list",
            "List the users of an organization.",
            [org],
            async (parsed, client, output, cancellationToken) =>
            {
                output.List(
                    await client.ListAsync(ControlClient.Path("api", "organizations", parsed.GetRequiredValue(org), "users"), "users", cancellationToken),
                    "name", "userId", "displayName", "email", "groups", "created");
            });
    }
}
