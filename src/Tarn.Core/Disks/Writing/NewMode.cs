using Microsoft.Win32.SafeHandles;
using Tarn.Core.Disks.Linux;
using Tarn.Core.Files;

namespace Tarn.Core.Disks.Writing;

/// <summary>
/// The permissions of what is created: those of the directory that it is in, but no one except owner and group may write, and files are not executable. The
/// umask does not matter: that of a service is often stricter than its users expect.
/// </summary>
internal static class NewMode
{
    private const int ReadWrite = 0x180; // 0600
    internal const int All = 0x1C0; // 0700
    private const int MostOfFile = 0x1B4; // 0664
    private const int MostOfDirectory = 0x5FD; // 02775
    private const int Others = 0x3F; // 0077
    private const int Bits = 0x1FF; // 0777
    private const int GroupBits = 0x38; // 0070
    private const int SetGroup = 0x400; // 02000

    /// <summary>Whether no one but the owner may use it.</summary>
    public static bool IsPrivate(in FileStat stat) => (stat.Permissions & Others) == 0;

    /// <summary>Whether what is created in a directory gets its group.</summary>
    public static bool SetsGroup(in FileStat stat) => (stat.Permissions & SetGroup) != 0;

    /// <summary>The permissions of a new directory. One that inherits an access control list has those of the list.</summary>
    /// <param name="made">The directory.</param>
    /// <param name="parent">The directory that it is in.</param>
    /// <param name="above">What that is.</param>
    public static int OfDirectory(SafeFileHandle made, SafeFileHandle parent, in FileStat above, out int permissions)
    {
        permissions = All;
        int error = LinuxFiles.ReadAccessList(made, isDefault: true, out byte[] inherited);
        error = error == Errno.None ? LinuxFiles.ReadAccessList(parent, isDefault: false, out byte[] list) : Fail(error, out list);
        if (error == Errno.None)
        {
            int given = AccessList.ModeOf(inherited) is { } mode ? mode | (above.Permissions & SetGroup) : AccessList.WithoutMask(above.Permissions, list);
            permissions |= given & MostOfDirectory;
        }

        return error;
    }

    /// <summary>
    /// Gives a written file the permissions that it has under its name: those of the file that it replaces, or new ones. Nothing stays of what it inherited where it was written: an access
    /// control list would grant more once the permissions are set, for its mask is the group's part of them.
    /// </summary>
    /// <param name="file">The file.</param>
    /// <param name="parent">The directory that it gets its name in.</param>
    /// <param name="above">What that is.</param>
    /// <param name="replaced">The file that it replaces; null for none.</param>
    /// <param name="name">Its name, with a terminating zero.</param>
    public static int Apply(SafeFileHandle file, SafeFileHandle parent, in FileStat above, in FileStat? replaced, ReadOnlySpan<byte> name)
    {
        byte[] list;
        int error = replaced is null ? LinuxFiles.ReadAccessList(parent, isDefault: false, out list) : LinuxFiles.ReadAccessList(parent, name, out list);
        error = error == Errno.None ? LinuxFiles.RemoveAccessList(file, isDefault: false) : error;
        bool isGroup = false;
        error = error == Errno.None ? SetGroupOf(file, above, out isGroup) : error;
        int permissions = replaced is { } old
            ? AccessList.WithoutMask(old.Permissions, list) & Bits
            : (AccessList.WithoutMask(above.Permissions, list) & MostOfFile) | ReadWrite;
        return error == Errno.None ? LinuxFiles.SetPermissions(file, isGroup ? permissions : permissions & ~GroupBits) : error;
    }

    /// <summary>Gives a file the group of what is created in a directory: the directory's if that says so, else the server's.</summary>
    /// <param name="isGroup">Whether it has that group, or the server's: where no other may be given (by one who is not in it, under a filter of system calls, on some network file systems) it may have one to
    /// which the permissions of a group are not meant.</param>
    private static int SetGroupOf(SafeFileHandle file, in FileStat above, out bool isGroup)
    {
        uint wanted = SetsGroup(above) ? above.Group : LinuxFiles.CurrentGroup;
        int error = LinuxFiles.Stat(file, out FileStat now);
        isGroup = error == Errno.None && now.Group == wanted;
        if (error != Errno.None || isGroup)
        {
            return error;
        }

        error = LinuxFiles.SetGroup(file, wanted);
        isGroup = error == Errno.None || now.Group == LinuxFiles.CurrentGroup;
        return error == Errno.NotPermitted ? Errno.None : error;
    }

    private static int Fail(int error, out byte[] list)
    {
        list = [];
        return error;
    }
}
