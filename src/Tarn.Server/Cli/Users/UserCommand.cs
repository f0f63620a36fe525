using System.CommandLine;

namespace Tarn.Server.Cli.Users;

/// <summary><c>tarn user</c>.</summary>
internal static class UserCommand
{
    public static Command Create(ControlCli cli) => cli.Group(
        "user",
        "Users of an organization.",
        UserCreateCommand.Create(cli),
        UserListCommand.Create(cli),
        UserShowCommand.Create(cli),
        UserDeleteCommand.Create(cli),
        UserGroupCommand.CreateAdd(cli),
        UserGroupCommand.CreateRemove(cli));

    /// <summary>The option that names the organization of the user.</summary>
    public static Option<string> Organization() => ControlCli.RequiredText("--org", "ORG", "The user's organization.");
}
