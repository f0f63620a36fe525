using System.CommandLine;
using Tarn.Server.Cli;
using Tarn.Server.Cli.Backups;
using Tarn.Server.Cli.Buckets;
using Tarn.Server.Cli.Disks;
using Tarn.Server.Cli.Doctor;
using Tarn.Server.Cli.Doctor.Checks;
using Tarn.Server.Cli.Fsck;
using Tarn.Server.Cli.Keys;
using Tarn.Server.Cli.Mirrors;
using Tarn.Server.Cli.Organizations;
using Tarn.Server.Cli.Objects;
using Tarn.Server.Cli.Policies;
using Tarn.Server.Cli.Requests;
using Tarn.Server.Cli.Scrubbing;
using Tarn.Server.Cli.Shares;
using Tarn.Server.Cli.Status;
using Tarn.Server.Cli.Tokens;
using Tarn.Server.Cli.Users;
using Tarn.Server.Hosting;

namespace Tarn.Server;

/// <summary>The root command, with every command of the program.</summary>
internal static class TarnCommand
{
    /// <param name="variables">The environment.</param>
    /// <param name="time">The clock for signatures.</param>
    public static RootCommand Create(IReadOnlyDictionary<string, string> variables, TimeProvider time)
    {
        var control = new ControlCli(variables.GetValueOrDefault, time);
        return new RootCommand("Tarn: object storage that speaks S3.")
        {
            ServeCommand.Create(variables, ServerProcess.RunAsync),
            StatusCommand.Create(variables, time),
            DoctorCommand.Create(variables, time, AllChecks.Create()),
            FsckCommand.Create(time),
            BackupCommand.Create(control, time),
            OrgCommand.Create(control),
            UserCommand.Create(control),
            KeyCommand.Create(control),
            TokenCommand.Create(control),
            BucketCommand.Create(control),
            DiskCommand.Create(control),
            ShareCommand.Create(control),
            PolicyCommand.Create(control),
            ScrubCommand.Create(control, time),
            ObjectCommand.Create(control),
            RequestCommand.Create(control),
            TraceCommand.Create(control),
            MirrorCommand.Create(control),
        };
    }
}
