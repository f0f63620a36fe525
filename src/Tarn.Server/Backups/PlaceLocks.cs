using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Tarn.Server.Backups;

/// <summary>The locks of a directory with backups: they end with the process that has them, however that ends.</summary>
internal static class PlaceLocks
{
    private const int WouldBlock = 11; // EWOULDBLOCK

    /// <summary>Locks a file for one. FileShare.None is flock(LOCK_EX) here.</summary>
    /// <param name="root">The directory with backups.</param>
    /// <param name="name">The file, made if it is missing.</param>
    /// <param name="inUse">The refusal; <c>{0}</c> is the directory.</param>
    /// <exception cref="BackupRefusedException">Another one has locked it.</exception>
    public static FileStream Lock(string root, string name, [StringSyntax(StringSyntaxAttribute.CompositeFormat)] string inUse)
    {
        try
        {
            return new FileStream(Path.Combine(root, name), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e.HResult == WouldBlock)
        {
            throw new BackupRefusedException(string.Format(CultureInfo.InvariantCulture, inUse, root), isConflict: true);
        }
    }

    /// <summary>Locks out removals together with other readers. FileShare.Read of a file that is only read is flock(LOCK_SH). Null where no build wrote that has the file.</summary>
    /// <exception cref="BackupRefusedException">A backup is being removed.</exception>
    public static FileStream? LockToRead(string root)
    {
        try
        {
            return new FileStream(Path.Combine(root, BackupLayout.Readers), FileMode.Open, FileAccess.Read, FileShare.Read);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (IOException e) when (e.HResult == WouldBlock)
        {
            throw new BackupRefusedException($"a backup in {root} is being removed: try again when that is over", isConflict: true);
        }
    }
}
