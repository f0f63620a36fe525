using Microsoft.Win32.SafeHandles;

namespace Tarn.Core.Disks.Mounts;

/// <summary>The mount table as this process sees it.</summary>
internal interface IMountTable
{
    /// <summary>The table as it is now. The same instance as before means that nothing was mounted or unmounted since.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    MountList Current();

    /// <summary>Identifies a file system beyond its type and source, by what survives a restart.</summary>
    /// <param name="mount">A mount of the file system.</param>
    /// <param name="directory">An open directory in it; null when none can be opened.</param>
    FileSystemId Identify(MountEntry mount, SafeFileHandle? directory);
}

/// <summary>The identity of a file system, wherever it is mounted.</summary>
/// <param name="Uuid">As <c>blkid</c> writes it; null when there is none or it cannot be determined.</param>
/// <param name="Number">The file system id of statfs(2) if it is derived from the UUID; else 0.</param>
internal readonly record struct FileSystemId(string? Uuid, ulong Number);
