using System.CommandLine;

namespace Tarn.Server.Cli.Users;

/// <summary><c>tarn user add-to-group</c> and <c>tarn user remove-from-group</c>.</summary>
internal static class UserGroupCommand
{
    public static Command CreateAdd(ControlCli cli) => Create(cli, "add-to-group", "Put a user into a group.", HttpMethod.Put);

    public static Command CreateRemove(ControlCli cli) => Create(cli, "remove-from-group", "Take a user out of a group.", HttpMethod.Delete);

    private static Command Create(ControlCli cli, string verb, string description, HttpMethod method)
    {
        Argument<string> name = ControlCli.Argument("NAME", "The user's name.");
        Argument<string> group = ControlCli.Argument("GROUP", "The group.");
        Option<string> org = UserCommand.Organization();
        return cli.Verb(
            verb,
            description,
            [name, group, org],
            async (parsed, client, output, cancellationToken) =>
            {
                output.Show(await client.SendAsync(
                    method,
                    ControlClient.Path(
                        "api", "organizations", parsed.GetRequiredValue(org), "users", parsed.GetRequiredValue(name), "groups", parsed.GetRequiredValue(group)),
                    cancellationToken));
            });
    }
}
