using System.Globalization;
using System.Text;
using Tarn.Core.Files;

namespace Tarn.Core.Cache;

/// <summary>A cache cannot use its directory: another process has it, there is something else in it, or it cannot be written.</summary>
public sealed class CacheDirectoryException : IOException
{
    /// <summary>Creates the exception with a default message.</summary>
    public CacheDirectoryException() : base("The cache cannot use its directory.") { }

    /// <summary>Creates the exception with a message.</summary>
    public CacheDirectoryException(string message) : base(message) { }

    /// <summary>Creates the exception with a message and its cause.</summary>
    public CacheDirectoryException(string message, Exception inner) : base(message, inner) { }
}

/// <summary>
/// The directory of a cache, locked by this process and closed to other users: <c>tarn-cache</c> (says what it is), <c>lock</c> (locked while a process uses it; contains its process id),
/// <c>clears</c> (<see cref="ClearNotes"/>) and the slabs' files. A directory with anything else in it is not taken: the cache removes files.
/// </summary>
internal sealed class CacheDirectory : IDisposable
{
    private const string MarkerName = "tarn-cache";
    private const string LockName = "lock";
    private const string SlabPrefix = "slab-";
    private const string Marker = "Tarn cache, format 1\n";
    private const int WouldBlock = 11; // EWOULDBLOCK
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    // The root of a file system of its own has it.
    private const string LostAndFound = "lost+found";

    private readonly FileStream _lock;

    private CacheDirectory(string path, FileStream held) => (Path, _lock) = (path, held);

    public string Path { get; }

    /// <summary>The numbers of the slabs that have files, in order.</summary>
    public int[] Slabs() => [.. Directory.EnumerateFiles(Path, SlabPrefix + "*").Select(static file => SlabNumber(System.IO.Path.GetFileName(file))!.Value).Order()];

    public string SlabPath(int number) => System.IO.Path.Combine(Path, string.Create(CultureInfo.InvariantCulture, $"{SlabPrefix}{number:d6}"));

    /// <summary>Which clears of the cache are done.</summary>
    public ClearNotes Clears => new(Path);

    /// <summary>Creates the directory if it is missing, and locks it.</summary>
    /// <exception cref="CacheDirectoryException">It cannot be used.</exception>
    public static CacheDirectory Open(string path)
    {
        FileStream? held = null;
        try
        {
            DurableDirectory.Create(path, OwnerOnly);
            ThrowIfForeign(path);
            if (!OperatingSystem.IsWindows() && File.GetUnixFileMode(path) != OwnerOnly)
            {
                File.SetUnixFileMode(path, OwnerOnly);
            }

            held = Lock(System.IO.Path.Combine(path, LockName), path);
            Mark(System.IO.Path.Combine(path, MarkerName), path);
            var directory = new CacheDirectory(path, held);
            held = null;
            return directory;
        }
        catch (Exception e) when (e is UnauthorizedAccessException or (IOException and not CacheDirectoryException))
        {
            throw new CacheDirectoryException($"The cache cannot use the directory {path}: {e.Message}", e);
        }
        finally
        {
            held?.Dispose();
        }
    }

    // The file stays: if it were removed, a third process could lock a new one while a second waits for the old.
    public void Dispose() => _lock.Dispose();

    private static void ThrowIfForeign(string path)
    {
        bool isMarked = File.Exists(System.IO.Path.Combine(path, MarkerName));
        foreach (FileSystemInfo entry in new DirectoryInfo(path).EnumerateFileSystemInfos())
        {
            bool isOurs = FileDevice.IsRegular(entry.FullName)
                && (entry.Name is MarkerName or LockName || (isMarked && (SlabNumber(entry.Name) is not null || ClearNotes.IsName(entry.Name))));
            if (!isOurs && !(entry is DirectoryInfo && entry.Name == LostAndFound))
            {
                throw new CacheDirectoryException($"The directory {path} has {entry.Name} in it, which is not of a cache: a cache needs a directory of its own, since it removes files. Name an empty one.");
            }
        }
    }

    private static int? SlabNumber(string name) =>
        name.Length == SlabPrefix.Length + 6 && name.StartsWith(SlabPrefix, StringComparison.Ordinal)
        && int.TryParse(name.AsSpan(SlabPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;

    private static FileStream Lock(string file, string path)
    {
        FileStream held;
        try
        {
            // FileShare.None is flock(LOCK_EX) here: the lock ends with the process, however that ends.
            held = OpenOwn(file, FileMode.OpenOrCreate, FileShare.None);
        }
        catch (IOException e) when (e.HResult == WouldBlock)
        {
            throw new CacheDirectoryException($"The directory {path} is in use by another cache (its process id is in {LockName}).", e);
        }

        try
        {
            held.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}\n")));
            held.Flush();
            held.SetLength(held.Position);
            return held;
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    private static void Mark(string file, string path)
    {
        using FileStream marker = OpenOwn(file, FileMode.OpenOrCreate, FileShare.Read);
        byte[] wanted = Encoding.ASCII.GetBytes(Marker);
        byte[] found = new byte[wanted.Length + 1];
        int length = marker.ReadAtLeast(found, found.Length, throwOnEndOfStream: false);
        if (found.AsSpan(0, length).SequenceEqual(wanted))
        {
            return;
        }

        // A process that ended while it wrote the marker has left a part of it.
        if (!wanted.AsSpan().StartsWith(found.AsSpan(0, length)))
        {
            throw new CacheDirectoryException($"The directory {path} has a cache of another format in it: remove what is in it, or name another.");
        }

        marker.Position = 0;
        marker.Write(wanted);
        FileSync.File(marker.SafeFileHandle, file);
    }

    private static FileStream OpenOwn(string file, FileMode mode, FileShare share)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = share, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(file, options);
    }
}
