using System.Runtime.CompilerServices;
using Tarn.Backends.Files;
using Tarn.Core.Backups;
using Tarn.Core.Blobs;
using Tarn.Core.Disks.Linux;
using Tarn.Core.Files;
using Tarn.Server.Storage;

namespace Tarn.Server.Backups;

/// <summary>Backups in a directory: <c>blobs/</c> as in a data directory, <c>files/ab/</c> by the hash of their content, <c>backups/</c> with a manifest for each. docs/design/backup.md</summary>
internal sealed class DirectoryTarget : IBackupTarget
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly FileStream? _lock;
    private readonly FileStream? _reading;
    private readonly DiskReserve _reserve;

    private DirectoryTarget(string root, FileStream? held, FileStream? reading, FileBlobStore blobs, long reserveBytes)
    {
        Place = root;
        _lock = held;
        _reading = reading;
        Files = blobs;
        Blobs = new LinklessBlobs(blobs, root);
        _reserve = new DiskReserve(root, reserveBytes);
    }

    public string Place { get; }

    public IBlobStore Blobs { get; }

    public bool TrustsListing => false;

    /// <summary>The blobs, for links and clones from another store of files.</summary>
    public FileBlobStore Files { get; }

    private string Temporary => Path.Combine(Place, BackupLayout.Temporary);

    /// <summary>Opens a place to read; nothing is written to it.</summary>
    /// <param name="root">The directory.</param>
    /// <param name="keeps">Whether no backup can be removed meanwhile.</param>
    /// <exception cref="BackupRefusedException">There is none, or a newer build wrote it, or a backup in it is being removed.</exception>
    /// <exception cref="IOException">Something in it is a symbolic link, or cannot be read.</exception>
    public static DirectoryTarget OpenToRead(string root, bool keeps)
    {
        root = Path.GetFullPath(root);
        ThrowIfOther(root);
        ThrowIfLinked(root);
        return new DirectoryTarget(root, held: null, keeps ? PlaceLocks.LockToRead(root) : null, FileBlobStore.OpenToRead(Path.Combine(root, BackupLayout.Blobs)), 0);
    }

    /// <summary>Opens a place to write, and creates it in an empty or missing directory.</summary>
    /// <param name="root">The directory, without symbolic links.</param>
    /// <param name="reserveBytes">Bytes of its device that stay free.</param>
    /// <exception cref="BackupRefusedException">The directory has something else; another process writes to it; a newer build wrote it.</exception>
    /// <exception cref="IOException">It cannot be written, or something in it is a symbolic link.</exception>
    public static DirectoryTarget Open(string root, long reserveBytes)
    {
        string marker = Path.Combine(root, BackupLayout.Marker);
        if (!File.Exists(marker))
        {
            ThrowIfInside(root);
            if (Directory.Exists(root) && Directory.EnumerateFileSystemEntries(root).Any(entry => entry != marker + ".new"))
            {
                throw new BackupRefusedException($"the directory {root} is not empty, and has no backups of Tarn");
            }

            DurableDirectory.Create(root, OwnerOnly);
            AtomicFile.Write(marker, System.Text.Encoding.ASCII.GetBytes(BackupLayout.Version + "\n"));
        }

        ThrowIfOther(root);
        ThrowIfLinked(root);
        FileStream? held = PlaceLocks.TryLock(root, BackupLayout.Lock)
            ?? throw new BackupRefusedException($"another process writes to the backups in {root}", isConflict: true);
        try
        {
            foreach (string name in new[] { BackupLayout.Files, BackupLayout.Manifests, BackupLayout.Unfinished, BackupLayout.Temporary, BackupLayout.Blobs })
            {
                DurableDirectory.Create(Path.Combine(root, name), OwnerOnly);
            }

            foreach (FileSystemInfo left in new DirectoryInfo(Path.Combine(root, BackupLayout.Temporary)).EnumerateFileSystemInfos())
            {
                Remove(left);
            }

            using (new FileStream(Path.Combine(root, BackupLayout.Readers), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite))
            {
                // It is there from now on, for who may only read.
            }

            string blobs = Path.Combine(root, BackupLayout.Blobs);
            var target = new DirectoryTarget(root, held, reading: null, new FileBlobStore(blobs, fsync: true, reserveBytes) { Replaces = true }, reserveBytes);

            // A process that was killed may have given names that are not on the device yet.
            foreach (string directory in Directory.EnumerateDirectories(blobs))
            {
                FileSync.Directory(directory);
            }

            held = null;
            return target;
        }
        finally
        {
            held?.Dispose();
        }
    }

    public bool TryLockOutReaders(out IDisposable? alone) => (alone = PlaceLocks.TryLock(Place, BackupLayout.Readers)) is not null;

    /// <summary>Creates a directory on the device of the backups, if that can be written, for files that are needed for a while.</summary>
    public string CreateScratch()
    {
        if (_lock is null)
        {
            return Directory.CreateTempSubdirectory("tarn-backup-").FullName;
        }

        string path = Path.Combine(Temporary, Path.GetRandomFileName());
        Directory.CreateDirectory(path, OwnerOnly);
        return path;
    }

    public async ValueTask<(long Length, string Sha256, bool IsNew)> AddAsync(FileStream content, bool mayShare, CancellationToken cancellationToken)
    {
        string temporary = Path.Combine(Temporary, Path.GetRandomFileName());
        _reserve.ThrowIfShort(FileAllocation.Of(content.SafeFileHandle));
        try
        {
            bool isLinked = mayShare && FileSharing.TryLink(content.SafeFileHandle, temporary);
            content.Position = 0;
            (long length, string sha256) = isLinked ? await HashedCopy.RunAsync(content, to: null, read: null, cancellationToken) : await CopyAsync(content, temporary, cancellationToken);
            string path = PathOf(sha256);
            bool isNew = new FileInfo(path) is not { Exists: true } there || there.Length != length;

            // What is there may be damaged; this was just read.
            string directory = Path.GetDirectoryName(path)!;
            DurableDirectory.Create(directory, OwnerOnly);
            File.Move(temporary, path, overwrite: true);
            FileSync.Directory(directory);
            return (length, sha256, isNew);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    public ValueTask<bool> HasAsync(string sha256, long length, CancellationToken cancellationToken) =>
        new(new FileInfo(PathOf(sha256)) is { Exists: true, LinkTarget: null } file && file.Length == length);

    public ValueTask<Stream?> OpenAsync(string sha256, CancellationToken cancellationToken)
    {
        string path = PathOf(sha256);
        return new(IsThere(path) ? new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, useAsync: false) : null);
    }

    public ValueTask<bool> FetchAsync(string sha256, string path, CancellationToken cancellationToken)
    {
        string file = PathOf(sha256);
        if (!IsThere(file))
        {
            return new(false);
        }

        File.CreateSymbolicLink(path, file);
        return new(true);
    }

    public ValueTask<Stream?> OpenListAsync(string sha256, CancellationToken cancellationToken) => OpenAsync(sha256, cancellationToken);

    /// <remarks>Whether there is room is asked when it is added.</remarks>
    public bool Takes(long length, long allocated) => true;

    public async IAsyncEnumerable<string> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        foreach (string path in Directory.EnumerateDirectories(PathIn(BackupLayout.Files)).SelectMany(Directory.EnumerateFiles))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Path.GetFileName(path) is var name && BackupLayout.IsHash(name))
            {
                yield return name;
            }
        }
    }

    public ValueTask RemoveAsync(string sha256, CancellationToken cancellationToken)
    {
        File.Delete(PathOf(sha256));
        return default;
    }

    public ValueTask BeginAsync(string name, CancellationToken cancellationToken)
    {
        AtomicFile.Write(PathIn(BackupLayout.UnfinishedOf(name)), []);
        return default;
    }

    public ValueTask EndAsync(string name, CancellationToken cancellationToken)
    {
        RemoveName(BackupLayout.UnfinishedOf(name));
        return default;
    }

    public ValueTask<IReadOnlyList<string>> NotesAsync(CancellationToken cancellationToken) => new(NamesIn(BackupLayout.Unfinished));

    public ValueTask<IReadOnlyList<string>> NamesAsync(CancellationToken cancellationToken) => new(NamesIn(BackupLayout.Manifests));

    public async ValueTask<byte[]?> ReadManifestAsync(string name, CancellationToken cancellationToken)
    {
        string path = PathIn(BackupLayout.ManifestOf(name));
        return IsThere(path) ? await File.ReadAllBytesAsync(path, cancellationToken) : null;
    }

    public ValueTask WriteManifestAsync(string name, byte[] content, CancellationToken cancellationToken)
    {
        AtomicFile.Write(PathIn(BackupLayout.ManifestOf(name)), content);
        return default;
    }

    public ValueTask RemoveManifestAsync(string name, CancellationToken cancellationToken)
    {
        RemoveName(BackupLayout.ManifestOf(name));
        return default;
    }

    public async ValueTask DisposeAsync()
    {
        await Files.DisposeAsync();
        _reading?.Dispose();
        _lock?.Dispose();
    }

    private static async ValueTask<(long Length, string Sha256)> CopyAsync(FileStream content, string path, CancellationToken cancellationToken)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            BufferSize = 0,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        await using var copy = new FileStream(path, options);
        bool isClone = FileSharing.TryClone(content.SafeFileHandle, copy.SafeFileHandle);
        (long, string) hashed;
        try
        {
            hashed = isClone ? await HashedCopy.RunAsync(copy, to: null, read: null, cancellationToken) : await HashedCopy.RunAsync(content, copy, read: null, cancellationToken);
        }
        catch (IOException) when (isClone)
        {
            // They share what cannot be read: the source says so itself.
            await HashedCopy.RunAsync(content, to: null, read: null, cancellationToken);
            throw;
        }

        FileSync.File(copy.SafeFileHandle, path);
        FileSync.Close(copy.SafeFileHandle, path);
        return hashed;
    }

    private static void ThrowIfOther(string root)
    {
        string marker = Path.Combine(root, BackupLayout.Marker);
        if (!IsThere(marker))
        {
            throw new BackupRefusedException($"there are no backups in {root}: it has no file {BackupLayout.Marker}");
        }

        if (File.ReadAllText(marker).Trim() is var version && version != BackupLayout.Version)
        {
            throw new BackupRefusedException($"the backups in {root} have format {version}; this build reads {BackupLayout.Version}");
        }
    }

    /// <summary>A place would remove another one inside it as what is not its own.</summary>
    private static void ThrowIfInside(string root)
    {
        for (string? above = Path.GetDirectoryName(root); above is not null; above = Path.GetDirectoryName(above))
        {
            if (File.Exists(Path.Combine(above, BackupLayout.Marker)))
            {
                throw new BackupRefusedException($"{root} is inside the backups in {above}");
            }
        }
    }

    /// <summary>Looks at every directory, and at what is beside them.</summary>
    /// <exception cref="BackupDamagedException">One is a symbolic link.</exception>
    private static void ThrowIfLinked(string root)
    {
        string[] fans = [Path.Combine(root, BackupLayout.Files), Path.Combine(root, BackupLayout.Blobs)];
        foreach (DirectoryInfo directory in new[] { root }.Concat(fans).Select(static path => new DirectoryInfo(path)).Where(static directory => directory.Exists))
        {
            foreach (FileSystemInfo entry in directory.EnumerateFileSystemInfos())
            {
                SymbolicLinks.ThrowIfLink(entry);
            }
        }
    }

    /// <summary>Whether there is such a file.</summary>
    /// <exception cref="BackupDamagedException">It is a symbolic link.</exception>
    private static bool IsThere(string path)
    {
        var file = new FileInfo(path);
        SymbolicLinks.ThrowIfLink(file);
        return file.Exists;
    }

    private static void Remove(FileSystemInfo left)
    {
        if (left is DirectoryInfo { LinkTarget: null } directory)
        {
            directory.Delete(recursive: true);
        }
        else
        {
            left.Delete();
        }
    }

    private void RemoveName(string name)
    {
        string path = PathIn(name);
        File.Delete(path);
        FileSync.Directory(Path.GetDirectoryName(path)!);
    }

    private IReadOnlyList<string> NamesIn(string directory)
    {
        string path = PathIn(directory);
        return Directory.Exists(path) ? BackupLayout.NamesOf(Directory.EnumerateFiles(path)) : [];
    }

    private string PathOf(string sha256) => PathIn(BackupLayout.FileOf(sha256));

    private string PathIn(string name) => Path.Combine(Place, name);
}
