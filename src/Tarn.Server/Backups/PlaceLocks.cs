using Tarn.Server.Storage;

namespace Tarn.Server.Backups;

/// <summary>The locks of a directory with backups: they end with the process that has them, however that ends.</summary>
internal static class PlaceLocks
{
    /// <summary>Locks a file for one. FileShare.None is flock(LOCK_EX) here.</summary>
    /// <param name="root">The directory with backups.</param>
    /// <param name="name">The file, made if it is missing.</param>
    /// <returns>The lock; null when another one has it.</returns>
    public static FileStream? TryLock(string root, string name)
    {
        try
        {
            return new FileStream(Path.Combine(root, name), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e.HResult == DataDirectory.WouldBlock)
        {
            return null;
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
        catch (IOException e) when (e.HResult == DataDirectory.WouldBlock)
        {
            throw new BackupRefusedException($"a backup in {root} is being removed: try again when that is over", isConflict: true);
        }
    }
}
