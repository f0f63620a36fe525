using Microsoft.Win32.SafeHandles;

namespace Tarn.Core.Disks.Mounts;

/// <summary>What is mounted where, as this process sees it.</summary>
internal interface IMountTable
{
    /// <summary>The table as it is now. The same instance as before means that nothing was mounted or unmounted since.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    MountList Current();

    /// <summary>What names a file system beyond its type and source, as far as that outlives a restart.</summary>
    /// <param name="mount">The mount that it was found by.</param>
    /// <param name="directory">An open directory in it; null when there is none to be had.</param>
    FileSystemId Identify(MountEntry mount, SafeFileHandle? directory);
}

/// <summary>What names a file system itself, wherever it is mounted.</summary>
/// <param name="Uuid">As <c>blkid</c> writes it; null when there is none or it cannot be learnt.</param>
/// <param name="Number">The file system id of statfs(2) where it is made of the UUID; 0 where it is not, or is not known.</param>
internal readonly record struct FileSystemId(string? Uuid, ulong Number);
