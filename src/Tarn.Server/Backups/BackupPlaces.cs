using Tarn.Backends.Files;
using Tarn.Server.Storage;

namespace Tarn.Server.Backups;

/// <summary>Decides where the server may write backups: below one directory, and never into its own data.</summary>
/// <param name="root">The directory; null: nowhere.</param>
/// <param name="data">The data directory.</param>
internal sealed class BackupPlaces(string? root, string data)
{
    /// <summary>Resolves the directory that a request names: absolute, or relative to the backup root.</summary>
    /// <returns>Its path, without symbolic links.</returns>
    /// <exception cref="BackupRefusedException">It may not be used.</exception>
    public string Resolve(string target)
    {
        if (root is null)
        {
            throw new BackupRefusedException("this server has no directory for backups: start it with --backup-root DIR");
        }

        if (target.Length == 0 || target.Contains('\0', StringComparison.Ordinal))
        {
            throw new BackupRefusedException("the target is not a path");
        }

        try
        {
            string top = RealPath.Of(root);
            if (!Directory.Exists(top))
            {
                throw new BackupRefusedException($"the directory for backups, {root}, does not exist: is its file system not mounted?");
            }

            string path = RealPath.Of(Path.Combine(top, target));
            if (!IsWithin(path, top))
            {
                throw new BackupRefusedException($"{target} is not in the directory that the server's configuration allows for backups (backup-root)");
            }

            string own = RealPath.Of(data);
            return IsWithin(path, own) || IsWithin(own, path)
                ? throw new BackupRefusedException($"{target} contains the server's own data, or lies inside it")
                : path;
        }
        catch (IOException e)
        {
            throw new BackupRefusedException($"the target {target} cannot be used: {e.Message}");
        }
    }

    /// <summary>Opens the backups in a directory to write.</summary>
    /// <param name="target">As in <see cref="Resolve"/>.</param>
    /// <param name="reserveBytes">Bytes that stay free on the target's device.</param>
    /// <exception cref="BackupRefusedException">It may not be used, or is used already.</exception>
    public DirectoryTarget Open(string target, Func<string, long> reserveBytes)
    {
        string path = Resolve(target);
        string there = path;
        while (!Directory.Exists(there))
        {
            there = Path.GetDirectoryName(there)!;
        }

        DirectoryTarget opened = DirectoryTarget.Open(path, reserveBytes(there));
        if (RealPath.Of(path) != path)
        {
            // Somebody has put a link in its place since it was resolved; nothing is kept open there.
            opened.DisposeAsync().AsTask().GetAwaiter().GetResult();
            throw new BackupRefusedException($"{target} changed while it was opened");
        }

        return opened;
    }

    private static bool IsWithin(string path, string directory) => (path.TrimEnd('/') + "/").StartsWith(directory.TrimEnd('/') + "/", StringComparison.Ordinal);
}
