using System.CommandLine;

namespace Tarn.Server.Cli.Keys;

/// <summary><c>tarn key</c>.</summary>
internal static class KeyCommand
{
    public static Command Create(ControlCli cli) => cli.Group(
        "key",
        "Access keys.",
        KeyCreateCommand.Create(cli),
        KeyListCommand.Create(cli),
        KeyShowCommand.Create(cli),
        KeyRotateCommand.Create(cli),
        KeyRevokeCommand.Create(cli));

    /// <summary>The options for the key that a command creates, or creates something with.</summary>
    public static (Option<string?> Id, Option<string?> Secret) Given() => (
        ControlCli.Text("--access-key", "ID", "The access key, instead of a generated one; needs --secret-key."),
        ControlCli.Text("--secret-key", "SECRET", "The secret key, instead of a generated one."));
}
