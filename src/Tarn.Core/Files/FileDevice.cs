using System.Runtime.InteropServices;

namespace Tarn.Core.Files;

/// <summary>Which device holds a file, and whether it is one.</summary>
public static partial class FileDevice
{
    private const int CurrentDirectory = -100; // AT_FDCWD
    private const uint BasicStats = 0x7FF; // STATX_BASIC_STATS
    private const int StatBytes = 256;
    private const int NotThroughLinks = 0x100; // AT_SYMLINK_NOFOLLOW
    private const int DeviceAt = 136; // stx_dev_major and stx_dev_minor

    /// <summary>The device's number, equal for two files on one file system; null when the file cannot be looked at.</summary>
    public static unsafe ulong? Of(string path)
    {
        byte* stat = stackalloc byte[StatBytes];
        return StatX(CurrentDirectory, path, 0, BasicStats, stat) == 0 ? *(ulong*)(stat + DeviceAt) : null;
    }

    /// <summary>Whether a path leads to a regular file: not to a directory, a link, a FIFO, a socket or a device, which may keep whoever opens it waiting.</summary>
    public static unsafe bool IsRegular(string path)
    {
        FileStat stat;
        return StatX(CurrentDirectory, path, NotThroughLinks, BasicStats, (byte*)&stat) == 0 && stat.IsRegular;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static unsafe partial int StatX(int directory, string path, int flags, uint mask, byte* stat);
}
