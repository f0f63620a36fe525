using Tarn.Core.Disks.Catalog;

namespace Tarn.Server.Cli.Doctor.Checks;

/// <summary>The directories that may be attached as disks.</summary>
internal sealed class DiskRootsCheck : SimpleCheck
{
    public override string Name => "disks";

    protected override IEnumerable<Finding> Look(Examined examined) =>
        examined.Options is not { } options ? [Finding.Skipped(SettingsCheck.AreWrong)]
        : options.DiskRoots.Count == 0 ? [Finding.Skipped("no --disk-root is set")]
        : options.DiskRoots.Select(root => Judge(root, examined));

    private static Finding Judge(DiskRoot root, Examined examined) =>
        !Directory.Exists(root.Path) ? Finding.Problem($"{root.Path} does not exist: its disks answer 503, and none can be attached", "mount its file system, or remove the --disk-root")
        : !examined.MayRead(root.Path) ? Finding.Problem($"{root.Path} cannot be read by this user ({Environment.UserName})", "run this command as the server's user; if this is that user, let it read the directory (a group, or setfacl)")
        : Finding.Ok(root.Path);
}
