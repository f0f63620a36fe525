using Microsoft.Win32.SafeHandles;
using Tarn.Core.Files;

namespace Tarn.Core.Disks.Linux;

/// <summary>How much room a file takes.</summary>
public static class FileAllocation
{
    /// <summary>Bytes that have room on the device; of a sparse file, fewer than it is long.</summary>
    /// <exception cref="IOException">It is not known.</exception>
    public static long Of(SafeFileHandle file)
    {
        LinuxFiles.ThrowIfFailed("statx", LinuxFiles.Stat(file, out FileStat stat));
        return stat.Allocated;
    }
}
