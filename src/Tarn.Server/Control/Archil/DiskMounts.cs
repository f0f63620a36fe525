namespace Tarn.Server.Control.Archil;

/// <summary>Checks the mounts of a disk to create: none (a directory is created for it), or one directory of this machine.</summary>
internal static class DiskMounts
{
    public const string Local = "local";

    private static readonly string[] Remote = ["s3", "gcs", "r2", "s3-compatible", "azure-blob"];

    /// <summary>The directory to attach; null to create one.</summary>
    /// <exception cref="ControlRefusalException">400 or 501: the mounts are something else.</exception>
    public static string? Path(IReadOnlyList<MountBody>? mounts)
    {
        if (mounts is null or [])
        {
            return null;
        }

        if (mounts is not [var mount])
        {
            throw ControlRefusalException.NotImplemented("a disk shows one directory: mounts may have one entry");
        }

        if (Remote.Contains(mount.Type))
        {
            throw ControlRefusalException.NotImplemented(
                $"mounts of type '{mount.Type}' are not implemented; type 'local' attaches a directory, of any file system that is mounted there");
        }

        if (mount.Type != Local || mount.Other is { Count: > 0 } || mount.Path is null)
        {
            throw ControlRefusalException.BadRequest("a mount must be {\"type\":\"local\",\"path\":\"/absolute/path\"}");
        }

        return mount.Path;
    }
}
