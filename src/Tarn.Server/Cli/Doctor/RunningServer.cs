using Tarn.Server.Cli.Doctor.Checks;
using Tarn.Server.Configuration;

namespace Tarn.Server.Cli.Doctor;

/// <summary>The server that runs on a data directory, as the kernel shows it.</summary>
/// <param name="Process">Its process id.</param>
/// <param name="Flags">What its flags give, with absolute paths.</param>
/// <param name="Problem">Why that is not known; null if it is.</param>
internal sealed record RunningServer(int Process, IReadOnlyDictionary<Setting, string[]> Flags, string? Problem)
{
    private static readonly Dictionary<Setting, string[]> None = [];

    /// <summary>Finds the server; null if none is seen.</summary>
    /// <param name="data">The data directory, absolute.</param>
    /// <param name="proc">What the kernel tells.</param>
    public static RunningServer? Find(string data, ProcFiles proc)
    {
        if (proc.ServerOf(data) is not { } process)
        {
            return null;
        }

        if (ServerFlags.Read(proc.ArgumentsOf(process)) is not { } given)
        {
            return new RunningServer(process, None, "this version does not know all of them");
        }

        string? directory = proc.DirectoryOf(process);
        var flags = new Dictionary<Setting, string[]>();
        foreach ((Setting setting, string[] texts) in given)
        {
            // How the server names the data directory is of no interest: it is this one.
            if (setting == Settings.Data)
            {
                continue;
            }

            if (directory is null && texts.Any(text => IsRelative(setting, text)))
            {
                return new RunningServer(process, None, $"{setting.Flag} is relative to a directory that this user may not see");
            }

            flags.Add(setting, [.. texts.Select(text => IsRelative(setting, text) ? Path.GetFullPath(text, directory!) : text)]);
        }

        return new RunningServer(process, flags, null);
    }

    private static bool IsRelative(Setting setting, string text) => setting.IsPath && text is not ("" or "-") && !BucketPlace.Is(text) && !Path.IsPathFullyQualified(text);
}
