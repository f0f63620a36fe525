using System.CommandLine;

namespace Tarn.Server.Cli;

/// <summary>Every command of the program.</summary>
internal static class TarnCommand
{
    /// <param name="variable">Reads an environment variable.</param>
    /// <param name="time">The time of signatures.</param>
    public static RootCommand Create(Func<string, string?> variable, TimeProvider time)
    {
        var control = new ControlCli(variable, time);
        return new RootCommand("Tarn: object storage that speaks S3.")
        {
            ServeCommand.Create(),
            OrgCommand.Create(control),
            UserCommand.Create(control),
            KeyCommand.Create(control),
            TokenCommand.Create(control),
            DiskCommand.Create(control),
            ShareCommand.Create(control),
            PolicyCommand.Create(control),
        };
    }
}
