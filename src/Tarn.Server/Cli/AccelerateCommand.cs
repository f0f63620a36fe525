using System.CommandLine;
using Tarn.Server.Configuration;

namespace Tarn.Server.Cli;

/// <summary><c>tarn accelerate</c>: runs an accelerator until it is told to stop.</summary>
internal static class AccelerateCommand
{
    /// <param name="variables">The environment.</param>
    /// <param name="run">Runs the accelerator once its options are bound.</param>
    public static Command Create(
        IReadOnlyDictionary<string, string> variables, Func<AcceleratorOptions, TextWriter, CancellationToken, Task<int>> run)
    {
        var command = new Command("accelerate", "Run an accelerator: a cache on this machine in front of a server, whose every answer the server decides.");
        var flags = new ServerFlags(command, AcceleratorSettings.All);
        command.SetAction((parsed, cancellationToken) =>
        {
            SettingValues values = SettingValues.Collect(setting => flags.Find(parsed, setting), variables, AcceleratorSettings.All);
            return run(AcceleratorOptionsBinder.Bind(values), parsed.InvocationConfiguration.Output, cancellationToken);
        });
        return command;
    }
}
