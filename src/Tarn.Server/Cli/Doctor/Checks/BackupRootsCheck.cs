using Tarn.Backends.Files;
using Tarn.Server.Backups;
using Tarn.Server.Configuration;

namespace Tarn.Server.Cli.Doctor.Checks;

/// <summary>The directories in which the server may write backups.</summary>
/// <param name="measure">Measures the file system of a directory.</param>
internal sealed class BackupRootsCheck(Func<string, FileSystemSpace> measure) : SimpleCheck
{
    public override string Name => "backups";

    protected override IEnumerable<Finding> Look(Examined examined)
    {
        if (examined.Options is not { } options)
        {
            return [Finding.Skipped(SettingsCheck.AreWrong)];
        }

        if (options.BackupRoots.Count == 0)
        {
            return [Finding.Warning("the server makes none: no --backup-root is set", "set one, and run tarn backup create daily (docs/operations/backup.md); nothing, if you back up by other means")];
        }

        try
        {
            BackupPlaces.ThrowIfMisplaced(options);
        }
        catch (StartupException e)
        {
            return [Finding.Problem(e.Message, "choose a directory apart from the data, on another device")];
        }

        return options.BackupRoots.Select(root => Judge(root, examined));
    }

    private Finding Judge(string root, Examined examined)
    {
        if (BucketPlace.Is(root))
        {
            return Finding.Skipped($"{root}: tarn backup list {root} asks it");
        }

        if (!Directory.Exists(root))
        {
            return Finding.Problem($"{root} does not exist: backups into it are refused", "mount its file system, or create it for the server's user");
        }

        if (!examined.MayWrite(root))
        {
            return Finding.Problem($"{root} cannot be written by this user ({Environment.UserName})", "run this command as the server's user; if this is that user, chown the directory to it (and name it in ReadWritePaths of the unit)");
        }

        FileSystemSpace space = measure(root);
        string? shared = space.Id == 0 ? null : Array.Find([examined.Data, examined.Metadata, examined.Blobs], part => Directory.Exists(part) && measure(part).Id == space.Id);
        return shared is not null
            ? Finding.Warning($"{root} is on the file system of {shared}: a broken device takes both", "use another device; --same-device is needed until then")
            : Finding.Ok($"{root}: {HumanBytes.Of(space.FreeBytes)} free");
    }
}
