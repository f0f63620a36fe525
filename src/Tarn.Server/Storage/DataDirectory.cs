using System.Globalization;
using Tarn.Backends.RocksDb;
using Tarn.Core;
using Tarn.Core.Files;
using Tarn.Server.Configuration;

namespace Tarn.Server.Storage;

/// <summary>
/// The data directory, locked by this process: <c>meta/</c> (key-value store), <c>blobs/</c> (object data),
/// <c>disks/</c> (the directories of created disks, once there is one), <c>log-spool/</c> (lines of buckets' logs that wait to be delivered, once there is one), <c>format</c> (<see cref="StoreFormat"/>), <c>store-id</c> (also in
/// <c>meta/</c> and <c>blobs/</c>), <c>tarn.lock</c> (locked while a server runs; contains its process id), <c>master.key</c> (unless one is
/// configured), <c>dev</c> (<see cref="DevStore"/>), <c>keep-orphans</c> (<see cref="KeptOrphans"/>, where rows may be missing), <c>mirror</c> (in one side of a mirror: <see cref="MirrorMarkFile"/>), and
/// <c>root-credentials.json</c> while a build before format 2 has left one.
/// </summary>
internal sealed class DataDirectory : IDisposable
{
    /// <summary>The name of the file that an unfinished rebuild has in its new data directory.</summary>
    public const string Rebuilding = "rebuild";

    /// <summary>The name of the file that an unfinished restore has in its new data directory.</summary>
    public const string Restoring = "restore";

    /// <summary>The file that holds the generated master key.</summary>
    public const string MasterKeyName = "master.key";

    /// <summary>The file in which builds before format 2 kept the root user's credentials.</summary>
    public const string RootCredentialsName = "root-credentials.json";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>The error (EWOULDBLOCK) of an open with a lock that another process holds.</summary>
    public const int WouldBlock = 11;
    private const int ReadOnlyFileSystem = 30; // EROFS

    private readonly FileStream _lock;

    private DataDirectory(string root, FileStream held)
    {
        Root = root;
        _lock = held;
    }

    public string Root { get; }

    public string Metadata => Path.Combine(Root, "meta");

    public string Blobs => Path.Combine(Root, "blobs");

    /// <summary>The directory of disks; absolute, since rows contain paths within it.</summary>
    public string Disks => Path.GetFullPath(Path.Combine(Root, "disks"));

    /// <summary>Locks the directory for this process, and creates what is missing.</summary>
    /// <param name="root">Its path.</param>
    /// <param name="random">Generates the id of a new store.</param>
    /// <param name="expectData">Whether a store must exist; otherwise it is created if missing.</param>
    /// <param name="isRebuild">Whether it is opened for a rebuild into it.</param>
    /// <param name="storeId">The id of a new store; null: a random one.</param>
    /// <param name="isBeingFilled">Whether the metadata may be missing, because a mirror fills the directory from its other side.</param>
    /// <param name="countsDisks">Whether there is data where there is nothing but trees of disks.</param>
    /// <param name="isDev">Whether the root user has the key of the documentation.</param>
    /// <exception cref="StartupException">
    /// It cannot be written, another server uses it, a newer build wrote it, a part of it is missing or belongs to another store, there is no store
    /// and one was expected, or the key of the documentation must not open it.
    /// </exception>
    public static DataDirectory Open(
        string root, IRandomSource random, bool expectData = false, bool isRebuild = false, string? storeId = null, bool isBeingFilled = false, bool countsDisks = true, bool isDev = false)
    {
        FileStream? held = null;
        try
        {
            ThrowIfUnusable(root, expectData, isRebuild, isBeingFilled, countsDisks);
            DurableDirectory.Create(root, OwnerOnly);
            held = Lock(root);
            var directory = new DataDirectory(root, held);
            if (isDev)
            {
                // Under the lock: a server without the key might be creating the store at this moment.
                DevStore.ThrowIfOther(root);
            }

            // Before there is a store: one that is cut off here would not open again.
            DevStore.Mark(root, isDev);
            StoreFormat.Claim(root);
            DurableDirectory.Create(directory.Metadata, OwnerOnly);
            DurableDirectory.Create(directory.Blobs, OwnerOnly);
            StoreId.Ensure(random, storeId, root, directory.Metadata, directory.Blobs);
            held = null;
            return directory;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"cannot use the data directory {root}: {e.Message}", e);
        }
        finally
        {
            held?.Dispose();
        }
    }

    /// <summary>Throws if a server must not start on what is there. Writes nothing, and takes no lock.</summary>
    /// <param name="root">The data directory, which need not exist.</param>
    /// <param name="expectData">Whether a store must exist.</param>
    /// <param name="isRebuild">Whether it is opened for a rebuild into it.</param>
    /// <param name="isBeingFilled">Whether the metadata may be missing, because a mirror fills the directory from its other side.</param>
    /// <param name="countsDisks">Whether there is data where there is nothing but trees of disks.</param>
    /// <exception cref="StartupException">A rebuild or a restore into it is unfinished, or a part of it is missing or belongs to another store, or there is no store and one was expected.</exception>
    /// <exception cref="IOException">Something cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">Something may not be read by this user.</exception>
    public static void ThrowIfUnusable(string root, bool expectData, bool isRebuild = false, bool isBeingFilled = false, bool countsDisks = true)
    {
        if (!isRebuild)
        {
            ThrowIfUnfinished(root);
        }

        string meta = Path.Combine(root, "meta");
        string blobs = Path.Combine(root, "blobs");
        bool isMarked = StoreId.Check(root, meta, blobs);
        if (!isRebuild && !isBeingFilled)
        {
            ThrowIfMetadataMissing(root, meta, blobs, countsDisks);
        }

        if (!isMarked)
        {
            ThrowIfBlobsMissing(meta, blobs);
        }

        if (expectData)
        {
            ThrowIfStoreMissing(root, meta, blobs);
        }
    }

    /// <summary>Locks a directory that is only read, so that no server starts on it meanwhile; null when no server ever ran on it, as on a copy without the lock's file.</summary>
    /// <exception cref="StartupException">A server uses it.</exception>
    public static FileStream? LockToRead(string root)
    {
        try
        {
            return new FileStream(Path.Combine(root, "tarn.lock"), FileMode.Open, FileAccess.Read, FileShare.None);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (IOException e) when (e.HResult == WouldBlock)
        {
            throw new StartupException($"the data directory {root} is in use by a server (its process id is in tarn.lock): stop it first, or check a snapshot", e);
        }
    }

    /// <summary>Whether a directory holds no metadata and no blobs, or is not there. Writes nothing.</summary>
    /// <param name="root">Its path.</param>
    /// <param name="countsDisks">Whether it is not empty where there is nothing but trees of disks.</param>
    /// <exception cref="StartupException">A part of the store is missing or belongs to another one.</exception>
    public static bool IsEmpty(string root, bool countsDisks)
    {
        string meta = Path.Combine(root, "meta");
        string blobs = Path.Combine(root, "blobs");
        StoreId.Check(root, meta, blobs);
        return !RocksDbKeyValueStore.Exists(meta) && FindData(root, blobs, countsDisks) is null;
    }

    /// <summary>Records this build's format version. Called once this build has opened the stores, and so may have written to them.</summary>
    public void RaiseFormat() => StoreFormat.Raise(Root);

    // The lock file stays: if it were removed, a third server could lock a new one while a second waits for the old.
    public void Dispose() => _lock.Dispose();

    /// <summary>Throws if there is no store. Writes nothing: the directory may be a mount point whose file system is missing.</summary>
    private static void ThrowIfStoreMissing(string root, string meta, string blobs)
    {
        bool isThere = StoreFormat.Exists(root) && Directory.Exists(blobs)
            && Directory.Exists(meta) && Directory.EnumerateFileSystemEntries(meta).Any(entry => !StoreId.IsOf(entry));
        if (!isThere)
        {
            throw new StartupException(
                $"{Settings.ExpectData.Flag}: there is no store in the data directory {root}: is its file system mounted? To create one, start once without {Settings.ExpectData.Flag}");
        }
    }

    /// <summary>Throws if a rebuild or a restore into the directory was interrupted: a part of the objects would seem to be all.</summary>
    private static void ThrowIfUnfinished(string root)
    {
        if (File.Exists(Path.Combine(root, Restoring)))
        {
            throw new StartupException($"the data directory {root} is that of an unfinished restore: remove it and repeat tarn backup restore");
        }

        if (File.Exists(Path.Combine(root, Rebuilding)))
        {
            throw new StartupException($"the data directory {root} is that of an unfinished rebuild: repeat tarn fsck --rebuild, which continues it");
        }
    }

    /// <summary>Throws if there is data without metadata. The ids do not show that if all was emptied, or if the store is older than the ids.</summary>
    private static void ThrowIfMetadataMissing(string root, string meta, string blobs, bool countsDisks)
    {
        if (!RocksDbKeyValueStore.Exists(meta) && FindData(root, blobs, countsDisks) is { } left)
        {
            throw new StartupException(
                $"there is data in {root} ({left}), but no metadata in {meta}: without it the data cannot be identified, and the server would be empty. "
                + "Is a file system not mounted, or only a part restored? Restore the directory as a whole from a backup; "
                + $"to start empty, move {left} away. See docs/operations/recovery.md");
        }
    }

    /// <summary>
    /// Throws if a store older than the ids has metadata but no blobs, because they are not mounted: otherwise the empty directory would get an id, and every object would lose its data. A
    /// server of any build creates something in it at its first start.
    /// </summary>
    private static void ThrowIfBlobsMissing(string meta, string blobs)
    {
        if (RocksDbKeyValueStore.Exists(meta) && !(Directory.Exists(blobs) && Directory.EnumerateFileSystemEntries(blobs).Any()))
        {
            throw new StartupException(
                $"there is metadata in {meta}, but nothing in {blobs}, not even the directory tmp: is a file system not mounted? Nothing was written. "
                + $"To continue without the blobs, create {Path.Combine(blobs, "tmp")}");
        }
    }

    /// <summary>The directory that holds a blob or the tree of a disk; null when there is none. Blobs are files one or, of builds before format 5, two directories deep, each named by two digits.</summary>
    private static string? FindData(string root, string blobs, bool countsDisks)
    {
        string disks = Path.Combine(root, "disks");
        return Directory.Exists(blobs) && Directory.EnumerateDirectories(blobs, "??").Any(HasFiles) ? blobs
            : countsDisks && Directory.Exists(disks) && Directory.EnumerateFileSystemEntries(disks).Any() ? disks
            : null;
    }

    private static bool HasFiles(string directory) =>
        Directory.EnumerateFiles(directory).Any() || Directory.EnumerateDirectories(directory, "??").SelectMany(Directory.EnumerateFiles).Any();

    private static FileStream Lock(string root)
    {
        string path = Path.Combine(root, "tarn.lock");
        FileStream held;
        try
        {
            // FileShare.None is flock(LOCK_EX) here: the lock ends with the process, however that ends.
            held = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e.HResult == ReadOnlyFileSystem)
        {
            throw new StartupException($"the data directory {root} is on a file system that is mounted read-only", e);
        }
        catch (IOException e) when (e.HResult == WouldBlock)
        {
            throw new StartupException($"the data directory {root} is in use by another server (its process id is in tarn.lock)", e);
        }

        // Overwritten, then truncated: if it were emptied first, it could not be filled again on a full disk.
        held.Write(System.Text.Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}\n")));
        held.Flush();
        held.SetLength(held.Position);
        return held;
    }
}
