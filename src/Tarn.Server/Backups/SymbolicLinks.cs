using Tarn.Core.Backups;

namespace Tarn.Server.Backups;

/// <summary>Nothing leads out of a place of backups: a link would make other files look like backups, or be changed as such.</summary>
internal static class SymbolicLinks
{
    /// <exception cref="BackupDamagedException">It is a symbolic link, whether or not it leads anywhere.</exception>
    public static void ThrowIfLink(FileSystemInfo entry)
    {
        if (entry.LinkTarget is { } target)
        {
            throw new BackupDamagedException($"{entry.FullName} is a symbolic link, to {target}: a place of backups has none");
        }
    }
}
