using Tarn.Backends.Files;

namespace Tarn.Server.Cli.Doctor.Checks;

/// <summary>The second directory that holds everything, which is of use only on another device.</summary>
/// <param name="measure">Measures the file system of a directory.</param>
internal sealed class MirrorCheck(Func<string, FileSystemSpace> measure) : SimpleCheck
{
    /// <summary>Each may be a file system of its own.</summary>
    private static readonly string[] Parts = ["", "meta", "blobs"];

    public override string Name => "mirror";

    protected override IEnumerable<Finding> Look(Examined examined)
    {
        if (examined.Options is not { } options)
        {
            return [Finding.Skipped(SettingsCheck.AreWrong)];
        }

        if (options.Mirror is not { } mirror)
        {
            return [Finding.Skipped("there is none: --mirror keeps everything in a second directory too (docs/operations/mirror.md)")];
        }

        if (!Directory.Exists(mirror))
        {
            return [Finding.Warning($"{mirror} does not exist; a start creates it and fills it", "if it was filled before, mount its file system")];
        }

        if (!examined.MayWrite(mirror))
        {
            return [Finding.Problem($"{mirror} cannot be written by this user ({Environment.UserName})", "run this command as the server's user; if this is that user, chown the directory to it (and name it in ReadWritePaths of the unit)")];
        }

        Finding[] shared = [.. Parts.Select(part => Shared(Path.Combine(examined.Data, part), Path.Combine(mirror, part))).OfType<Finding>()];
        return shared.Length > 0 ? shared : [Finding.Ok($"{mirror} is on another file system; tarn mirror status tells whether it has everything")];
    }

    private Finding? Shared(string here, string there) => Directory.Exists(here) && Directory.Exists(there) && measure(here) is { Id: not 0 } space && space.Id == measure(there).Id
        ? Finding.Warning($"{here} and {there} are on one file system: a broken device takes both", "use a directory of another device")
        : null;
}
