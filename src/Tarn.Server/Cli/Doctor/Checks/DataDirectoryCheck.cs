using Tarn.Server.Configuration;
using Tarn.Server.Storage;

namespace Tarn.Server.Cli.Doctor.Checks;

/// <summary>The data directory: whether it is there, whole, this user's, and nobody else's to read.</summary>
internal sealed class DataDirectoryCheck : SimpleCheck
{
    private const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute;

    public override string Name => "data";

    protected override IEnumerable<Finding> Look(Examined examined)
    {
        string data = examined.Data;
        if (!Directory.Exists(data))
        {
            yield return examined.Options?.ExpectData == true
                ? Finding.Problem($"{data} does not exist, and --expect-data is set", "mount its file system; to create a store, start once without --expect-data")
                : Finding.Warning($"{data} does not exist; a start creates it", "nothing, if the store is to be new; otherwise mount its file system, or name the right directory with --data");
            yield break;
        }

        if (!examined.MayWrite(data) || !examined.MayRead(data))
        {
            yield return Finding.Problem($"{data} cannot be {(examined.MayRead(data) ? "written" : "read")} by this user ({Environment.UserName})", "run this command as the server's user; if this is that user, chown -R the directory to it");
        }
        else if (FileFacts.Find(data) is { } facts && examined.User != 0 && facts.Owner != examined.User)
        {
            yield return Finding.Warning($"{data} belongs to another user (id {facts.Owner}) than this one (id {examined.User})", "run this command as the server's user; if this is that user, chown -R the directory to it");
        }

        if ((File.GetUnixFileMode(data) & Others) != 0 && Directory.Exists(examined.Metadata) && (File.GetUnixFileMode(examined.Metadata) & Others) != 0)
        {
            yield return Finding.Warning($"{data} and what is in it can be entered by other users of this machine", $"chmod 700 {data}");
        }

        foreach (Finding finding in Parts(examined))
        {
            yield return finding;
        }
    }

    private static IEnumerable<Finding> Parts(Examined examined)
    {
        string data = examined.Data;
        if (File.Exists(Path.Combine(data, DataDirectory.Restoring)))
        {
            return [Finding.Problem($"{data} is that of an unfinished restore: a part of the objects would seem to be all", "remove it and repeat tarn backup restore")];
        }

        if (File.Exists(Path.Combine(data, DataDirectory.Rebuilding)))
        {
            return [Finding.Problem($"{data} is that of an unfinished rebuild: a part of the objects would seem to be all", "repeat tarn fsck --rebuild, which continues it")];
        }

        if (!StoreFormat.Exists(data))
        {
            return [Finding.Warning($"there is no store in {data}; a start creates one", "nothing, if the store is to be new; otherwise mount its file system, or name the right directory with --data")];
        }

        try
        {
            bool isWhole = StoreId.Check(data, examined.Metadata, examined.Blobs);
            return isWhole
                ? [Finding.Ok($"{data} has a store, and its parts belong together")]
                : [Finding.Ok($"{data} has a store of a build that gave its parts no id; the next start does")];
        }
        catch (StartupException e)
        {
            return [Finding.Problem(e.Message, "mount what is missing, or restore the parts that belong together; nothing was written")];
        }
    }
}
