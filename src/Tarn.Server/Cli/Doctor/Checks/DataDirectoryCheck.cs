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
            yield return Missing(examined);
            yield break;
        }

        if (FileFacts.Find(data) is { } facts && examined.User != 0 && facts.Owner != examined.User)
        {
            yield return Finding.Warning($"{data} belongs to another user (id {facts.Owner}) than this one (id {examined.User})", "run this command as the server's user; if this is that user, chown -R the directory to it");
        }

        if ((File.GetUnixFileMode(data) & Others) != 0 && Directory.Exists(examined.Metadata) && (File.GetUnixFileMode(examined.Metadata) & Others) != 0)
        {
            yield return Finding.Warning($"{data} and what is in it can be entered by other users of this machine", $"chmod 700 {data}");
        }

        Finding[] closed = [.. Closed(examined)];
        foreach (Finding finding in closed.Length > 0 ? closed : [Store(examined)])
        {
            yield return finding;
        }
    }

    private static Finding Missing(Examined examined)
    {
        string data = examined.Data, above = FileFacts.Nearest(data);
        return !Directory.Exists(above) ? Finding.Problem($"{data} cannot be a directory: {above} is a file", "name the right directory with --data")
            : examined.Options?.ExpectData == true ? Finding.Problem($"{data} does not exist, and --expect-data is set", "mount its file system; to create a store, start once without --expect-data")
            : !examined.MayWrite(above) ? Finding.Problem(
                $"{data} does not exist, and this user ({Environment.UserName}) may not create it in {above}", "mount its file system, or create the directory for the server's user; if this is not that user, run this command as it")
            : Finding.Warning($"{data} does not exist; a start creates it", "nothing, if the store is to be new; otherwise mount its file system, or name the right directory with --data");
    }

    /// <summary>What a start reads or writes and this user may not, as after a start by another user.</summary>
    private static IEnumerable<Finding> Closed(Examined examined)
    {
        string[] directories = [examined.Data, examined.Metadata, examined.Blobs];
        string[] written = [.. directories, Path.Combine(examined.Data, "tarn.lock")];
        string[] read = [Path.Combine(examined.Data, "format"), .. directories.Select(static directory => Path.Combine(directory, "store-id"))];
        if (examined.Options?.MasterKey is null)
        {
            read = [.. read, Path.Combine(examined.Data, "master.key")];
        }

        string[] unread = [.. written.Concat(read).Where(path => Path.Exists(path) && !examined.MayRead(path))];
        string[] unwritten = [.. written.Where(path => Path.Exists(path) && !examined.MayWrite(path)).Except(unread)];
        return [.. Cannot("read", unread), .. Cannot("written", unwritten)];

        IEnumerable<Finding> Cannot(string what, string[] paths) => paths.Length == 0 ? []
            : [Finding.Problem($"{string.Join(", ", paths)} cannot be {what} by this user ({Environment.UserName})", $"run this command as the server's user; if this is that user, chown -R {examined.Data} to it")];
    }

    /// <summary>What a start makes of the directory.</summary>
    private static Finding Store(Examined examined)
    {
        string data = examined.Data;
        try
        {
            DataDirectory.ThrowIfUnusable(data, examined.Options?.ExpectData == true, isBeingFilled: examined.Options?.Mirror is not null);
            if (examined.Options?.UsesDevKey == true)
            {
                DevStore.ThrowIfOther(data);
            }
        }
        catch (StartupException e)
        {
            return Finding.Problem($"a server does not start on it: {e.Message}", "do as it says; nothing was written");
        }

        return StoreFormat.Exists(data) ? Finding.Ok($"{data} has a store, and its parts belong together")
            : Finding.Warning($"there is no store in {data}; a start creates one", "nothing, if the store is to be new; otherwise mount its file system, or name the right directory with --data");
    }
}
