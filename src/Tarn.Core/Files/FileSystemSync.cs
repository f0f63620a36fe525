using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Tarn.Core.Files;

/// <summary>
/// Makes all that is written to a file system durable, with one call (syncfs(2)). The kernel tells each open descriptor of what could not be written since it was opened, and a new one
/// nothing that somebody was told already. So one descriptor is open from before the first write to the end.
/// </summary>
public sealed partial class FileSystemSync : IDisposable
{
    private readonly SafeFileHandle _directory;
    private readonly string _path;
    private bool _hasFailed;

    /// <summary>Begins to note what cannot be written.</summary>
    /// <param name="path">A directory on the file system.</param>
    /// <exception cref="IOException">The directory cannot be opened.</exception>
    public FileSystemSync(string path)
    {
        _path = path;
        _directory = FileSync.OpenDirectory(path);

        // What was lost before is told here, and is no failure of what is written from now on. If the device still fails, the next call does as well.
        _ = SyncFs(_directory);
    }

    /// <summary>Whether the kernel tells of what could not be written: since Linux 5.8.</summary>
    public static bool IsReliable { get; } = Environment.OSVersion.Version >= new Version(5, 8);

    /// <summary>Makes everything durable that was written since the object was made.</summary>
    /// <exception cref="IOException">It failed, now or before: what is on the device is unknown.</exception>
    public void Run()
    {
        // The kernel tells of a failure once: a second call would succeed.
        if (_hasFailed)
        {
            throw new IOException($"The file system of {_path} could not be synced before.");
        }

        if (SyncFs(_directory) != 0)
        {
            _hasFailed = true;
            throw FailedCall.Last("syncfs", _path);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _directory.Dispose();

    [LibraryImport("libc", EntryPoint = "syncfs", SetLastError = true)]
    private static partial int SyncFs(SafeFileHandle file);
}
