using System.CommandLine;

namespace Tarn.Server.Cli.Users;

/// <summary><c>tarn user delete</c>.</summary>
internal static class UserDeleteCommand
{
    public static Command Create(ControlCli cli)
    {
        Argument<string> name = ControlCli.Argument("NAME", "The user's name.");
        Option<string> org = UserCommand.Organization();
        return cli.Verb(
            "delete",
            "Delete a user with its keys and tokens.",
            [name, org],
            async (parsed, client, output, cancellationToken) =>
            {
                string user = parsed.GetRequiredValue(name);
                await client.SendAsync(
                    HttpMethod.Delete, ControlClient.Path("api", "organizations", parsed.GetRequiredValue(org), "users", user), cancellationToken);
                output.Done("deleted", user);
            });
    }
}
