using Amazon.S3;
using Tarn.Core.Backups;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Disks.Linux;
using Tarn.Core.Model;
using Tarn.Core.Storage;
using Tarn.Server.Configuration;
using Tarn.Server.Storage;

namespace Tarn.Server.Backups;

/// <summary>Decides where the server may write backups: below certain directories and prefixes of buckets, and never into its own data.</summary>
/// <param name="roots">The directories, and <c>s3://bucket/prefix</c>.</param>
/// <param name="data">The data directory, and its mirror if there is one.</param>
internal sealed class BackupPlaces(IReadOnlyList<string> roots, params IReadOnlyList<string> data)
{
    /// <summary>Makes the client of a bucket.</summary>
    public Func<IAmazonS3> S3 { get; init; } = S3Target.CreateClient;

    /// <summary>The server's own objects, which are no place for its backups; null: that is not looked for.</summary>
    public ObjectStore? Objects { get; init; }

    /// <summary>The server's own disks, which are buckets too; null: they are not looked for.</summary>
    public DiskCatalog? Disks { get; init; }

    /// <summary>Throws if a directory for backups contains the data or a directory of disks, or lies inside one: a backup would have the ones before, and clients could read and remove it.</summary>
    /// <exception cref="StartupException">Names both.</exception>
    public static void ThrowIfMisplaced(ServerOptions options)
    {
        foreach (string root in options.BackupRoots.Where(static root => !BucketPlace.Is(root)))
        {
            ThrowIfShared(root, options.Data, $"the data directory {options.Data}");
            if (options.Mirror is { } mirror)
            {
                ThrowIfShared(root, mirror, $"the {Settings.Mirror.Flag} {mirror}");
            }

            foreach (DiskRoot disk in options.DiskRoots)
            {
                ThrowIfShared(root, disk.Path, $"the {Settings.DiskRoot.Flag} {disk.Path}");
            }
        }
    }

    /// <summary>The place in a bucket that a text names.</summary>
    /// <exception cref="BackupRefusedException">It names none.</exception>
    public static BucketPlace ParseBucket(string text) =>
        BucketPlace.TryParse(text, out BucketPlace? place) ? place : throw new BackupRefusedException($"'{text}' is not like s3://bucket/prefix");

    /// <summary>Resolves the place that a request names: a directory, absolute or relative to the first that is allowed, or a prefix of a bucket.</summary>
    /// <returns>A path without symbolic links, or <c>s3://bucket/prefix</c>.</returns>
    /// <exception cref="BackupRefusedException">It may not be used.</exception>
    public string Resolve(string target) => BucketPlace.Is(target) ? ResolveBucket(target).Place.ToString() : ResolveDirectory(target);

    /// <summary>Opens the backups in a place to write.</summary>
    /// <param name="target">As in <see cref="Resolve"/>.</param>
    /// <param name="reserveBytes">Bytes that stay free on the device of a directory.</param>
    /// <param name="cancellationToken">Cancels requests.</param>
    /// <exception cref="BackupRefusedException">It may not be used, or is used already.</exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    public async Task<IBackupTarget> OpenAsync(string target, Func<string, long> reserveBytes, CancellationToken cancellationToken)
    {
        if (BucketPlace.Is(target))
        {
            (BucketPlace place, BucketPlace root) = ResolveBucket(target);
            return await OpenBucketAsync(place, root, cancellationToken);
        }

        string path = ResolveDirectory(target);
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
    /// <param name="target">As in <see cref="Resolve"/>.</param>
    /// <param name="keeps">Whether no backup in a directory can be removed meanwhile.</param>
    /// <param name="cancellationToken">Cancels requests.</param>
    /// <exception cref="BackupRefusedException">It may not be used, or there are none.</exception>
    public async Task<IBackupTarget> OpenToReadAsync(string target, bool keeps, CancellationToken cancellationToken) => BucketPlace.Is(target)
        ? await S3Target.OpenAsync(S3(), ResolveBucket(target).Place, root: null, cancellationToken)
        : DirectoryTarget.OpenToRead(ResolveDirectory(target), keeps);

    private static void ThrowIfShared(string root, string other, string what)
    {
        if (FilePaths.Overlap(RealPath.Of(root), RealPath.Of(other)))
        {
            throw new StartupException($"{Settings.BackupRoot.Flag}: {root} contains {what}, or lies inside it");
        }
    }

    private async Task<S3Target> OpenBucketAsync(BucketPlace place, BucketPlace root, CancellationToken cancellationToken)
    {
        if (Disks is { } disks && DiskId.TryParse(place.Bucket, out DiskId disk) && await disks.FindAsync(disk, cancellationToken) is not null)
        {
            throw new BackupRefusedException($"{place} is on a disk of this server itself: each backup would copy the ones before");
        }

        S3Target? opened = await S3Target.OpenAsync(S3(), place, root, cancellationToken);
        S3Target made = opened;
        try
        {
            if (Objects is { } own && await made.IsInAsync((key, token) => HasAsync(own, place.Bucket, key, token), cancellationToken))
            {
                throw new BackupRefusedException($"{place} is in this server itself: each backup would copy the ones before");
            }

            opened = null;
            return made;
        }
        finally
        {
            if (opened is not null)
            {
                await opened.DisposeAsync();
            }
        }
    }

    private static async ValueTask<bool> HasAsync(ObjectStore own, string bucket, string key, CancellationToken cancellationToken) =>
        BucketName.TryParse(bucket, out BucketName name) && ObjectKey.TryCreate(key, out ObjectKey named)
        && await own.Buckets.FindAsync(name, cancellationToken) is { } found && await own.Reader.FindAsync(found, named, cancellationToken) is not null;

    private (BucketPlace Place, BucketPlace Root) ResolveBucket(string target)
    {
        var place = ParseBucket(target);
        return roots.Where(BucketPlace.Is).Select(ParseBucket).FirstOrDefault(place.IsWithin) is { } root
            ? (place, root)
            : throw new BackupRefusedException($"{target} is not in a bucket and prefix that the server's configuration allows for backups (backup-root)");
    }

    private string ResolveDirectory(string target)
    {
        string[] directories = [.. roots.Where(static root => !BucketPlace.Is(root))];
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
            string? root = Array.Find(directories, directory => FilePaths.IsWithin(path, RealPath.Of(directory)));
            if (root is null)
            {
                throw new BackupRefusedException($"{target} is not in a directory that the server's configuration allows for backups (backup-root)");
            }

            if (!Directory.Exists(root))
            {
                throw new BackupRefusedException($"the directory for backups, {root}, does not exist: is its file system not mounted?");
            }

            return data.Any(own => FilePaths.Overlap(path, RealPath.Of(own)))
                ? throw new BackupRefusedException($"{target} contains the server's own data, or lies inside it")
                : path;
        }
        catch (IOException e)
        {
            throw new BackupRefusedException($"the target {target} cannot be used: {e.Message}");
        }
    }
}
