using Tarn.Server.Cli.Doctor.Checks;

namespace Tarn.Server.Cli.Doctor.Accelerators;

/// <summary>The directory of the cache: whether it can be written, and on what it is. What is in it may be lost at any time, but it should be faster than the network.</summary>
internal sealed class CacheCheck : SimpleCheck<ExaminedAccelerator>
{
    public override string Name => "cache";

    protected override IEnumerable<Finding> Look(ExaminedAccelerator examined)
    {
        if (examined.Options is not { } options)
        {
            return [Finding.Skipped("it is not known: the settings are wrong")];
        }

        string path = options.Cache, there = FileFacts.Nearest(path);
        if (!Directory.Exists(there))
        {
            return [Finding.Problem($"{path} cannot be a directory: {there} is a file", "name another one with --cache")];
        }

        if (!examined.MayWrite(there))
        {
            return
            [
                there == path
                    ? Finding.Problem($"{path} cannot be written by this user ({Environment.UserName})", $"run this command as the accelerator's user; if this is that user, chown -R {path} to it")
                    : Finding.Problem($"{path} does not exist, and this user ({Environment.UserName}) may not create it in {there}", "mount its file system, or create the directory for the accelerator's user; if this is not that user, run this command as it"),
            ];
        }

        return [MountPoint.Of(path, examined.Proc) is { } mount ? Judge(path, mount) : Finding.Skipped($"the file system of {path} is not told")];
    }

    private static Finding Judge(string path, MountPoint mount)
    {
        string what = $"{path} is on {mount.Type} ({mount.Source} on {mount.Point})";
        return mount.IsReadOnly ? Finding.Problem($"{what}, which is mounted read-only", $"look in the kernel's log why (dmesg), then: mount -o remount,rw {mount.Point}")
            : FileSystemCheck.OfNetworks.Contains(mount.Type) || mount.Type.StartsWith("fuse", StringComparison.Ordinal)
                ? Finding.Warning($"{what}, on a network or in user space: it is hardly faster than the server", "use a device of this machine, best NVMe")
            : FileSystemCheck.OfContainers.Contains(mount.Type) ? Finding.Warning($"{what}, a container's own layer: slow, and gone with the container", "mount a volume there, of a device of this machine")
            : FileSystemCheck.InMemory.Contains(mount.Type) ? Finding.Warning($"{what}, in memory: --cache-size of it is taken from programs, and gone when the machine stops", "use a device of this machine, unless memory is what you mean")
            : Finding.Ok(what);
    }
}
