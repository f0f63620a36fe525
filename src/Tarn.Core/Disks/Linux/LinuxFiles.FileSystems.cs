using Microsoft.Win32.SafeHandles;

namespace Tarn.Core.Disks.Linux;

internal static unsafe partial class LinuxFiles
{
    private const short PollUrgent = 0x2; // POLLPRI
    private const short PollError = 0x8; // POLLERR
    private const nuint GetFileSystemUuid = 0x80111500; // FS_IOC_GETFSUUID

    /// <summary>Whether an open file has an exceptional condition (POLLPRI); reading it clears it.</summary>
    public static bool HasUrgentEvent(SafeFileHandle file)
    {
        bool held = false;
        try
        {
            file.DangerousAddRef(ref held);
            var asked = new PollFile { Descriptor = (int)file.DangerousGetHandle(), Wanted = PollUrgent };
            return Poll(&asked, 1, 0) > 0 && (asked.Found & (PollUrgent | PollError)) != 0;
        }
        finally
        {
            if (held)
            {
                file.DangerousRelease();
            }
        }
    }

    /// <summary>The file system id of statfs(2); 0 where there is none.</summary>
    public static ulong FileSystemNumber(SafeFileHandle file)
    {
        // struct statfs: seven words of sizes and counts come before the id. The kernel writes 120 bytes.
        ulong* words = stackalloc ulong[32];
        return StatFileSystem(file, words) == 0 ? words[7] : 0;
    }

    /// <summary>The UUID of the file system that an open file is in; null when it has none, or the kernel (before 6.9) does not report it.</summary>
    public static string? FileSystemUuid(SafeFileHandle file)
    {
        byte* answer = stackalloc byte[17];
        if (Control(file, GetFileSystemUuid, answer) != 0 || answer[0] != 16)
        {
            return null;
        }

        var uuid = new Guid(new ReadOnlySpan<byte>(answer + 1, 16), bigEndian: true);
        return uuid == Guid.Empty ? null : uuid.ToString("D");
    }
}
