using Amazon.S3;
using Tarn.Core.Backups;
using Tarn.Server.Storage;

namespace Tarn.Server.Backups;

/// <summary>Decides where the server may write backups: below certain directories and prefixes of buckets, and never into its own data.</summary>
/// <param name="roots">The directories, and <c>s3://bucket/prefix</c>.</param>
/// <param name="data">The data directory.</param>
internal sealed class BackupPlaces(IReadOnlyList<string> roots, string data)
{
    /// <summary>Makes the client of a bucket.</summary>
    public Func<IAmazonS3> S3 { get; init; } = S3Target.CreateClient;

    /// <summary>Resolves the place that a request names: a directory, absolute or relative to the first that is allowed, or a prefix of a bucket.</summary>
    /// <returns>A path without symbolic links, or <c>s3://bucket/prefix</c>.</returns>
    /// <exception cref="BackupRefusedException">It may not be used.</exception>
    public string Resolve(string target) => S3Target.Is(target) ? ResolveBucket(target) : ResolveDirectory(target);

    /// <summary>Opens the backups in a place to write.</summary>
    /// <param name="target">As in <see cref="Resolve"/>.</param>
    /// <param name="reserveBytes">Bytes that stay free on the device of a directory.</param>
    /// <param name="cancellationToken">Cancels requests.</param>
    /// <exception cref="BackupRefusedException">It may not be used, or is used already.</exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    public async Task<IBackupTarget> OpenAsync(string target, Func<string, long> reserveBytes, CancellationToken cancellationToken)
    {
        string path = Resolve(target);
        if (S3Target.Is(path))
        {
            return await S3Target.OpenAsync(S3(), path, toWrite: true, cancellationToken);
        }

        string there = path;
        while (!Directory.Exists(there))
        {
            there = Path.GetDirectoryName(there)!;
        }

        DirectoryTarget opened = DirectoryTarget.Open(path, reserveBytes(there));
        if (RealPath.Of(path) != path)
        {
            // Somebody has put a link in its place since it was resolved; nothing is kept open there.
            await opened.DisposeAsync();
            throw new BackupRefusedException($"{target} changed while it was opened");
        }

        return opened;
    }

    /// <summary>Opens the backups in a place to read.</summary>
    /// <exception cref="BackupRefusedException">It may not be used, or there are none.</exception>
    public async Task<IBackupTarget> OpenToReadAsync(string target, CancellationToken cancellationToken)
    {
        string path = Resolve(target);
        return S3Target.Is(path) ? await S3Target.OpenAsync(S3(), path, toWrite: false, cancellationToken) : DirectoryTarget.OpenToRead(path);
    }

    private string ResolveBucket(string target)
    {
        (string bucket, string prefix) = S3Target.Parse(target);
        string named = $"s3://{bucket}/{prefix}".TrimEnd('/');
        return roots.Where(S3Target.Is).Any(root => IsWithin(named, root))
            ? named
            : throw new BackupRefusedException($"{target} is not in a bucket and prefix that the server's configuration allows for backups (backup-root)");
    }

    private string ResolveDirectory(string target)
    {
        string[] directories = [.. roots.Where(static root => !S3Target.Is(root))];
        if (directories.Length == 0)
        {
            throw new BackupRefusedException("this server has no directory for backups: start it with --backup-root DIR");
        }

        if (target.Length == 0 || target.Contains('\0', StringComparison.Ordinal))
        {
            throw new BackupRefusedException("the target is not a path");
        }

        try
        {
            string path = RealPath.Of(Path.Combine(directories[0], target));
            string? root = Array.Find(directories, directory => IsWithin(path, RealPath.Of(directory)));
            if (root is null)
            {
                throw new BackupRefusedException($"{target} is not in a directory that the server's configuration allows for backups (backup-root)");
            }

            if (!Directory.Exists(root))
            {
                throw new BackupRefusedException($"the directory for backups, {root}, does not exist: is its file system not mounted?");
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

    private static bool IsWithin(string path, string directory) => (path.TrimEnd('/') + "/").StartsWith(directory.TrimEnd('/') + "/", StringComparison.Ordinal);
}
