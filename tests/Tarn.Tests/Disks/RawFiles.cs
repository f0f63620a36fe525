using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Tarn.Tests.Disks;

/// <summary>
/// Files by the bytes of their names, one directory at a time, so that names and paths may be what .NET's own files cannot have.
/// A name is text of which each character is one byte.
/// </summary>
internal static partial class RawFiles
{
    private const int CurrentDirectory = -100;

    public static SafeFileHandle OpenDirectory(string path) => new(Check(OpenAt(CurrentDirectory, Bytes(path), 0x80000, 0)), ownsHandle: true);

    public static SafeFileHandle OpenDirectory(SafeFileHandle directory, string name) => new(Check(OpenAt(Number(directory), Bytes(name), 0x80000, 0)), ownsHandle: true);

    public static void MakeDirectory(SafeFileHandle directory, string name) => Check(MkdirAt(Number(directory), Bytes(name), 0x1FF));

    public static void WriteFile(SafeFileHandle directory, string name, ReadOnlySpan<byte> content)
    {
        using var file = new SafeFileHandle(Check(OpenAt(Number(directory), Bytes(name), 0x80000 | 0x241, 0x1B4)), ownsHandle: true);
        RandomAccess.Write(file, content, 0);
    }

    public static void MakeLink(SafeFileHandle directory, string name, string target) => Check(SymlinkAt(Bytes(target), Number(directory), Bytes(name)));

    public static void MakePipe(SafeFileHandle directory, string name) => Check(MkfifoAt(Number(directory), Bytes(name), 0x1B4));

    public static void Rename(SafeFileHandle directory, string from, string to) => Check(RenameAt(Number(directory), Bytes(from), Number(directory), Bytes(to)));

    /// <summary>Exchanges what two names mean, in one step.</summary>
    public static void Exchange(SafeFileHandle directory, string one, string other) =>
        Check(RenameAt2(Number(directory), Bytes(one), Number(directory), Bytes(other), 2));

    public static void ChangeMode(string path, int mode) => Check(Chmod(System.Text.Encoding.UTF8.GetBytes(path + "\0"), mode));

    /// <summary>Sets an extended attribute; false where the file system has none such.</summary>
    public static bool TrySetAttribute(string path, string name, byte[] value)
    {
        bool done = SetAttribute(Encoding.UTF8.GetBytes(path + "\0"), Bytes(name), value, (nuint)value.Length, 0) == 0;
        return done || Marshal.GetLastPInvokeError() == 95 ? done : throw new IOException(Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError()));
    }

    /// <summary>Makes this thread, and it alone, open files as another user.</summary>
    public static void BecomeForFiles(uint user) => _ = SetFileUser(user);

    public static byte[] Raw(string name) => Encoding.Latin1.GetBytes(name);

    private static byte[] Bytes(string name) => [.. Raw(name), 0];

    private static int Number(SafeFileHandle handle) => (int)handle.DangerousGetHandle();

    private static int Check(int result) =>
        result >= 0 ? result : throw new IOException(Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError()));

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true)]
    private static partial int OpenAt(int directory, byte[] name, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "mkdirat", SetLastError = true)]
    private static partial int MkdirAt(int directory, byte[] name, int mode);

    [LibraryImport("libc", EntryPoint = "symlinkat", SetLastError = true)]
    private static partial int SymlinkAt(byte[] target, int directory, byte[] name);

    [LibraryImport("libc", EntryPoint = "mkfifoat", SetLastError = true)]
    private static partial int MkfifoAt(int directory, byte[] name, int mode);

    [LibraryImport("libc", EntryPoint = "renameat", SetLastError = true)]
    private static partial int RenameAt(int from, byte[] fromName, int to, byte[] toName);

    [LibraryImport("libc", EntryPoint = "renameat2", SetLastError = true)]
    private static partial int RenameAt2(int from, byte[] fromName, int to, byte[] toName, uint flags);

    [LibraryImport("libc", EntryPoint = "chmod", SetLastError = true)]
    private static partial int Chmod(byte[] path, int mode);

    [LibraryImport("libc", EntryPoint = "setxattr", SetLastError = true)]
    private static partial int SetAttribute(byte[] path, byte[] name, byte[] value, nuint size, int flags);

    [LibraryImport("libc", EntryPoint = "setfsuid")]
    private static partial int SetFileUser(uint user);
}
