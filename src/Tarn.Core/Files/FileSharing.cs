using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Tarn.Core.Files;

/// <summary>The Linux calls by which files share bytes or are one file: without copying, and within one file system only.</summary>
public static partial class FileSharing
{
    private const nuint Clone = 0x40049409; // FICLONE
    private const int CurrentDirectory = -100; // AT_FDCWD
    private const int FollowLink = 0x400; // AT_SYMLINK_FOLLOW

    /// <summary>Makes an empty file share all bytes of another one until either is written (ioctl_ficlone(2)).</summary>
    /// <returns>False where the file systems cannot; the empty file stays empty then.</returns>
    public static bool TryClone(SafeFileHandle from, SafeFileHandle to)
    {
        bool held = false;
        try
        {
            from.DangerousAddRef(ref held);
            return Control(to, Clone, from.DangerousGetHandle()) == 0;
        }
        finally
        {
            if (held)
            {
                from.DangerousRelease();
            }
        }
    }

    /// <summary>Gives an open file another name (linkat(2)); false where that is not possible, or something has the name.</summary>
    public static bool TryLink(SafeFileHandle file, string path)
    {
        bool held = false;
        try
        {
            file.DangerousAddRef(ref held);
            string open = string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{(int)file.DangerousGetHandle()}");
            return LinkAt(CurrentDirectory, open, CurrentDirectory, path, FollowLink) == 0;
        }
        finally
        {
            if (held)
            {
                file.DangerousRelease();
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(SafeFileHandle file, nuint request, nint source);

    [LibraryImport("libc", EntryPoint = "linkat", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int LinkAt(int fromDirectory, string from, int toDirectory, string to, int flags);
}
