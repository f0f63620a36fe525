using System.CommandLine;

namespace Tarn.Server.Cli.Users;

/// <summary><c>tarn user show</c>.</summary>
internal static class UserShowCommand
{
    public static Command Create(ControlCli cli)
    {
        Argument<string> name = ControlCli.Argument("NAME", "The user's name.");
        Option<string> org = UserCommand.Organization();
        return cli.Verb(
            "show",
            "Show a user.",
            [name, org],
            async (parsed, client, output, cancellationToken) =>
            {
                output.Show(await client.SendAsync(
                    HttpMethod.Get,
                    ControlClient.Path("api", "organizations", parsed.GetRequiredValue(org), "users", parsed.GetRequiredValue(name)),
                    cancellationToken));
            });
    }
}
