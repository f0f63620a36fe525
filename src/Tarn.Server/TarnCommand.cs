using System.CommandLine;
using System.CommandLine.Help;
using Tarn.Server.Accelerator;
using Tarn.Server.Cli;
using Tarn.Server.Cli.Accelerators;
using Tarn.Server.Cli.Applications;
using Tarn.Server.Cli.Backups;
using Tarn.Server.Cli.Buckets;
using Tarn.Server.Cli.Completion;
using Tarn.Server.Cli.Disks;
using Tarn.Server.Cli.Doctor;
using Tarn.Server.Cli.Doctor.Checks;
using Tarn.Server.Cli.Fsck;
using Tarn.Server.Cli.Help;
using Tarn.Server.Cli.Issuers;
using Tarn.Server.Cli.Jobs;
using Tarn.Server.Cli.Keys;
using Tarn.Server.Cli.Mirrors;
using Tarn.Server.Cli.Organizations;
using Tarn.Server.Cli.Objects;
using Tarn.Server.Cli.Policies;
using Tarn.Server.Cli.Requests;
using Tarn.Server.Cli.Roles;
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
        (string Heading, IReadOnlyList<Command> Commands)[] groups =
        [
            ("The server",
            [
                ServeCommand.Create(variables, ServerProcess.RunAsync),
                AccelerateCommand.Create(variables, AcceleratorProcess.RunAsync),
                StatusCommand.Create(variables, time),
                DoctorCommand.Create(variables, time, new ProcFiles("/proc"), AllChecks.Create()),
                AcceleratorCommand.Create(control, time),
            ]),
            ("What is stored",
            [
                BucketCommand.Create(control, time),
                DiskCommand.Create(control),
                ObjectCommand.Create(control),
                ShareCommand.Create(control),
                JobCommand.Create(control, time),
            ]),
            ("Who may use it",
            [
                OrgCommand.Create(control),
                UserCommand.Create(control),
                KeyCommand.Create(control),
                TokenCommand.Create(control),
                AppCommand.Create(control),
                PolicyCommand.Create(control),
                IssuerCommand.Create(control),
                RoleCommand.Create(control),
            ]),
            ("What happens",
            [
                RequestCommand.Create(control),
                TraceCommand.Create(control),
            ]),
            ("Keeping it safe",
            [
                BackupCommand.Create(control, time),
                ScrubCommand.Create(control, time),
                MirrorCommand.Create(control, time),
                FsckCommand.Create(time),
            ]),
            ("The shell", [CompletionCommands.Script()]),
        ];
        var root = new RootCommand("Tarn: object storage that speaks S3. These commands run the server and administer it; any S3 program, such as aws or rclone, copies objects.");
        foreach (Command command in groups.SelectMany(static group => group.Commands))
        {
            root.Subcommands.Add(command);
        }

        root.Subcommands.Add(CompletionCommands.Candidates(root));
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new CommandHelp((HelpAction)help.Action!, groups);
        return root;
    }
}
