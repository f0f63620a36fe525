using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Tarn.Backends.Files;
using Tarn.Core.Backups;
using Tarn.Core.Blobs;
using Tarn.Core.Files;
using Tarn.Server.Storage;

namespace Tarn.Server.Backups;

/// <summary>Backups in a directory: <c>blobs/</c> as in a data directory, <c>files/ab/</c> by the hash of their content, <c>backups/</c> with a manifest for each. docs/design/backup.md</summary>
internal sealed class DirectoryTarget : IBackupTarget
{
    private const string Marker = "tarn-backups";
    private const string Version = "1";
    private const string LockName = "lock";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly FileStream? _lock;
    private readonly DiskReserve _reserve;
    private readonly long _reserveBytes;

    private DirectoryTarget(string root, FileStream? held, FileBlobStore blobs, long reserveBytes)
    {
        Place = root;
        _lock = held;
        Files = blobs;
        _reserve = new DiskReserve(root, reserveBytes);
        _reserveBytes = reserveBytes;
    }

    public string Place { get; }

    public IBlobStore Blobs => Files;

    public bool TrustsListing => false;

    /// <summary>The blobs, for links and clones from another store of files.</summary>
    public FileBlobStore Files { get; }

    private string FilesRoot => Path.Combine(Place, "files");

    private string Manifests => Path.Combine(Place, "backups");

    private string Temporary => Path.Combine(Place, "tmp");

    /// <summary>Opens a place to read; nothing is written to it.</summary>
    /// <exception cref="BackupRefusedException">There is none, or a newer build wrote it.</exception>
    public static DirectoryTarget OpenToRead(string root)
    {
        root = Path.GetFullPath(root);
        ThrowIfOther(root);
        return new DirectoryTarget(root, held: null, FileBlobStore.OpenToRead(Path.Combine(root, "blobs")), 0);
    }

    /// <summary>Opens a place to write, and creates it in an empty or missing directory.</summary>
    /// <param name="root">The directory, without symbolic links.</param>
    /// <param name="reserveBytes">Bytes of its device that stay free.</param>
    /// <exception cref="BackupRefusedException">The directory has something else; another process writes to it; a newer build wrote it.</exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static DirectoryTarget Open(string root, long reserveBytes)
    {
        string marker = Path.Combine(root, Marker);
        if (!File.Exists(marker))
        {
            if (Directory.Exists(root) && Directory.EnumerateFileSystemEntries(root).Any(entry => entry != marker + ".new"))
            {
                throw new BackupRefusedException($"the directory {root} is not empty, and has no backups of Tarn");
            }

            DurableDirectory.Create(root, OwnerOnly);
            AtomicFile.Write(marker, System.Text.Encoding.ASCII.GetBytes(Version + "\n"));
        }

        ThrowIfOther(root);
        FileStream? held = Lock(root);
        try
        {
            DurableDirectory.Create(Path.Combine(root, "files"), OwnerOnly);
            DurableDirectory.Create(Path.Combine(root, "backups"), OwnerOnly);
            DurableDirectory.Create(Path.Combine(root, "tmp"), OwnerOnly);
            foreach (FileSystemInfo left in new DirectoryInfo(Path.Combine(root, "tmp")).EnumerateFileSystemInfos())
            {
                Remove(left);
            }

            string blobs = Path.Combine(root, "blobs");
            DurableDirectory.Create(blobs, OwnerOnly);
            var target = new DirectoryTarget(root, held, new FileBlobStore(blobs, fsync: true, reserveBytes) { Replaces = true }, reserveBytes);

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
        _reserve.ThrowIfShort(content.Length);
        try
        {
            bool isLinked = mayShare && FileSharing.TryLink(content.SafeFileHandle, temporary);
            (long length, string sha256) = isLinked ? await HashAsync(content, copy: null, cancellationToken) : await CopyAsync(content, temporary, cancellationToken);
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
        new(new FileInfo(PathOf(sha256)) is { Exists: true } file && file.Length == length);

    public ValueTask<Stream?> OpenAsync(string sha256, CancellationToken cancellationToken)
    {
        string path = PathOf(sha256);
        return new(File.Exists(path) ? new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, useAsync: false) : null);
    }

    public ValueTask<bool> FetchAsync(string sha256, string path, CancellationToken cancellationToken)
    {
        string file = PathOf(sha256);
        if (!File.Exists(file))
        {
            return new(false);
        }

        File.CreateSymbolicLink(path, file);
        return new(true);
    }

    public ValueTask<Stream?> OpenListAsync(string sha256, CancellationToken cancellationToken) => OpenAsync(sha256, cancellationToken);

    public ValueTask<bool> HasRoomAsync(long length, CancellationToken cancellationToken) => new(FileSystemSpace.Of(Place).FreeBytes - _reserveBytes > length);

    public async IAsyncEnumerable<string> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        foreach (string path in Directory.EnumerateFiles(FilesRoot, "*", SearchOption.AllDirectories))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return Path.GetFileName(path);
        }
    }

    public ValueTask RemoveAsync(string sha256, CancellationToken cancellationToken)
    {
        File.Delete(PathOf(sha256));
        return default;
    }

    public ValueTask<IReadOnlyList<string>> NamesAsync(CancellationToken cancellationToken) => new(
        Directory.Exists(Manifests)
            ? [.. Directory.EnumerateFiles(Manifests).Select(static path => Path.GetFileName(path)).Where(BackupNames.IsValid).Order(StringComparer.Ordinal)]
            : []);

    public async ValueTask<byte[]?> ReadManifestAsync(string name, CancellationToken cancellationToken)
    {
        string path = ManifestOf(name);
        return File.Exists(path) ? await File.ReadAllBytesAsync(path, cancellationToken) : null;
    }

    public ValueTask WriteManifestAsync(string name, byte[] content, CancellationToken cancellationToken)
    {
        AtomicFile.Write(ManifestOf(name), content);
        return default;
    }

    public ValueTask RemoveManifestAsync(string name, CancellationToken cancellationToken)
    {
        File.Delete(ManifestOf(name));
        FileSync.Directory(Manifests);
        return default;
    }

    public async ValueTask DisposeAsync()
    {
        await Files.DisposeAsync();
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
            hashed = isClone ? await HashAsync(copy, copy: null, cancellationToken) : await HashAsync(content, copy, cancellationToken);
        }
        catch (IOException) when (isClone)
        {
            // They share what cannot be read: the source says so itself.
            await HashAsync(content, copy: null, cancellationToken);
            throw;
        }

        FileSync.File(copy.SafeFileHandle, path);
        FileSync.Close(copy.SafeFileHandle, path);
        return hashed;
    }

    private static async ValueTask<(long Length, string Sha256)> HashAsync(FileStream content, FileStream? copy, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[1 << 20];
        long length = 0;
        content.Position = 0;
        while (await content.ReadAsync(buffer, cancellationToken) is > 0 and int count)
        {
            hash.AppendData(buffer, 0, count);
            if (copy is not null)
            {
                await copy.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
            }

            length += count;
        }

        return (length, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    private static void ThrowIfOther(string root)
    {
        string marker = Path.Combine(root, Marker);
        if (!File.Exists(marker))
        {
            throw new BackupRefusedException($"there are no backups in {root}: it has no file {Marker}");
        }

        if (File.ReadAllText(marker).Trim() is var version && version != Version)
        {
            throw new BackupRefusedException($"the backups in {root} have format {version}; this build reads {Version}");
        }
    }

    private static FileStream Lock(string root)
    {
        try
        {
            // FileShare.None is flock(LOCK_EX) here: the lock ends with the process, however that ends.
            return new FileStream(Path.Combine(root, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e.HResult == 11)
        {
            throw new BackupRefusedException($"another process writes to the backups in {root}", isConflict: true);
        }
    }

    private static void Remove(FileSystemInfo left)
    {
        if (left is DirectoryInfo directory)
        {
            directory.Delete(recursive: true);
        }
        else
        {
            left.Delete();
        }
    }

    private string ManifestOf(string name) => BackupNames.IsValid(name) ? Path.Combine(Manifests, name) : throw new BackupRefusedException($"'{name}' is not the name of a backup");

    private string PathOf(string sha256) => sha256.Length == 64 && sha256.All(char.IsAsciiHexDigitLower)
        ? Path.Combine(FilesRoot, sha256[..2], sha256)
        : throw new BackupDamagedException("a manifest names a file by what is no SHA-256");
}
