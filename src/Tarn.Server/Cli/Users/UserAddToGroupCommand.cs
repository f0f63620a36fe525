using System.CommandLine;

namespace Tarn.Server.Cli.Users;

/// <summary><c>tarn user add-to-group</c>.</summary>
internal static class UserAddToGroupCommand
{
    public static Command Create(ControlCli cli)
    {
        Argument<string> name = ControlCli.Argument("NAME", "The user's name.");
        Argument<string> group = ControlCli.Argument("GROUP", "The group.");
        Option<string> org = UserCommand.Organization();
        return cli.Verb(
            "add-to-group",
            "Put a user into a group.",
            [name, group, org],
            async (parsed, client, output, cancellationToken) =>
            {
                output.Show(await client.SendAsync(
                    HttpMethod.Put,
                    ControlClient.Path(
                        "api", "organizations", parsed.GetRequiredValue(org), "users", parsed.GetRequiredValue(name), "groups", parsed.GetRequiredValue(group)),
                    cancellationToken));
            });
    }
}
