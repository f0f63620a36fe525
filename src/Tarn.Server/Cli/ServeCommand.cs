using System.CommandLine;
using Tarn.Server.Configuration;

namespace Tarn.Server.Cli;

/// <summary><c>tarn serve</c>: runs the server until it is told to stop.</summary>
internal static class ServeCommand
{
    /// <param name="variables">The environment.</param>
    /// <param name="run">Runs the server once its options are bound.</param>
    public static Command Create(
        IReadOnlyDictionary<string, string> variables, Func<ServerOptions, TextWriter, CancellationToken, Task<int>> run)
    {
        var command = new Command("serve", "Run the server.");
        var flags = new ServerFlags(command);
        command.SetAction((parsed, cancellationToken) =>
        {
            SettingValues values = SettingValues.Collect(setting => flags.Find(parsed, setting), variables);
            return run(ServerOptionsBinder.Bind(values), parsed.InvocationConfiguration.Output, cancellationToken);
        });
        return command;
    }
}
