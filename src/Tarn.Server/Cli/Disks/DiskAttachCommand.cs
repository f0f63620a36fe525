using System.CommandLine;
using Tarn.Server.Control.Archil;

namespace Tarn.Server.Cli.Disks;

/// <summary><c>tarn disk attach</c>.</summary>
internal static class DiskAttachCommand
{
    public static Command Create(ControlCli cli)
    {
        Argument<string> name = ControlCli.Argument("NAME", "The disk's name, unique in the organization.");
        Argument<string> path = ControlCli.Argument("PATH", "An absolute path on the server's machine, within a directory that disk-root names.");
        Option<string?> org = ControlCli.Organization();
        Option<string[]> allowed = DiskCommand.Allowed();
        Option<string?> growing = DiskGrowingFilesCommand.Option();
        return cli.Verb(
            "attach",
            "Attach an existing directory as a disk. Nothing in it is ever written or removed.",
            [name, path, org, allowed, growing],
            async (parsed, client, output, cancellationToken) => output.Show(await DiskCreateCommand.CreateDiskAsync(
                client,
                new DiskBody
                {
                    Name = parsed.GetRequiredValue(name),
                    Organization = parsed.GetValue(org),
                    AllowedIps = parsed.GetValue(allowed) ?? [],
                    GrowingFiles = DiskGrowingFilesCommand.Read(growing.Name, parsed.GetValue(growing)),
                    Mounts = [new MountBody { Type = DiskMounts.Local, Path = parsed.GetRequiredValue(path) }],
                },
                cancellationToken)));
    }
}
