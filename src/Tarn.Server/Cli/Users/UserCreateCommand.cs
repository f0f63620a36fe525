using System.CommandLine;
using System.Text.Json;
using Tarn.Server.Cli.Keys;
using Tarn.Server.Control.Endpoints;
using Tarn.Server.Control.Tarn;

namespace Tarn.Server.Cli.Users;

/// <summary><c>tarn user create</c>.</summary>
internal static class UserCreateCommand
{
    public static Command Create(ControlCli cli)
    {
        Argument<string> name = ControlCli.Argument("NAME", "The user's name, unique in the organization.");
        Option<string> org = UserCommand.Organization();
        Option<string?> displayName = ControlCli.Text("--display-name", "TEXT", "The name that people see; NAME by default.");
        Option<string?> email = ControlCli.Text("--email", "ADDR", "The user's e-mail address.");
        Option<string?> userId = ControlCli.Text("--user-id", "ID", "The value of aws:userid in policies, instead of a generated one.");
        var groups = new Option<string[]>("--group") { Description = "A group to put the user into; repeatable.", HelpName = "GROUP" };
        (Option<string?> id, Option<string?> secret) = KeyCommand.Given();
        return cli.Verb(
            "create",
            "Create a user with one access key.",
            [name, org, displayName, email, userId, groups, id, secret],
            async (parsed, client, output, cancellationToken) =>
            {
                var body = new UserBody
                {
                    Name = parsed.GetRequiredValue(name),
                    DisplayName = parsed.GetValue(displayName),
                    Email = parsed.GetValue(email),
                    UserId = parsed.GetValue(userId),
                    Groups = parsed.GetValue(groups) ?? [],
                    AccessKey = parsed.GetValue(id),
                    SecretKey = parsed.GetValue(secret),
                };
                JsonElement made = await client.SendAsync(
                    HttpMethod.Post,
                    ControlClient.Path("api", "organizations", parsed.GetRequiredValue(org), "users"),
                    body,
                    ControlJson.Default.UserBody,
                    cancellationToken);
                output.Show(made);
            });
    }
}
