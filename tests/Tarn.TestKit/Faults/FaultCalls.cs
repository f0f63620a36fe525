namespace Tarn.TestKit.Faults;

/// <summary>Kinds of calls, by what they do: <see cref="Write"/> is write, pwrite, writev, copy_file_range and so on. As in <c>faults.c</c>.</summary>
[Flags]
public enum FaultCalls
{
    Open = 1 << 0,
    Close = 1 << 1,
    Read = 1 << 2,
    Write = 1 << 3,
    Fsync = 1 << 4,
    Fdatasync = 1 << 5,
    SyncRange = 1 << 6,
    Rename = 1 << 7,
    Unlink = 1 << 8,
    MakeDirectory = 1 << 9,
    Truncate = 1 << 10,
    Allocate = 1 << 11,
    Link = 1 << 12,

    /// <summary>A read at an offset around the page cache (O_DIRECT), which is a <see cref="Read"/> too.</summary>
    ReadDirect = 1 << 13,

    /// <summary>Both calls that wait for the device.</summary>
    Sync = Fsync | Fdatasync,
}

/// <summary>How a call fails. As in <c>faults.c</c>.</summary>
public enum FaultAction
{
    /// <summary>It is not executed and returns the error; a close closes the file all the same.</summary>
    Fail = 1,

    /// <summary>It is executed, but returns the error.</summary>
    FailAfter = 2,

    /// <summary>Only the first half is read or written, as the result reports.</summary>
    Short = 3,

    /// <summary>The process ends before it.</summary>
    Kill = 4,
}

/// <summary>Error numbers of Linux.</summary>
public static class Errno
{
    public const int NotPermitted = 1; // EPERM
    public const int Input = 5; // EIO
    public const int InvalidArgument = 22; // EINVAL
    public const int NoSpace = 28; // ENOSPC
    public const int ReadOnlyFileSystem = 30; // EROFS
    public const int NotSupported = 95; // EOPNOTSUPP
    public const int Quota = 122; // EDQUOT
}

/// <summary>One call, from the journal.</summary>
/// <param name="Began">The position of its beginning among all beginnings and ends of calls.</param>
/// <param name="Ended">The position of its end.</param>
/// <param name="Call">The kind.</param>
/// <param name="Path">The file or directory, below the root; empty when it is elsewhere.</param>
/// <param name="Other">The second name, of a rename or link.</param>
/// <param name="Offset">Where in the file; −1: at its own position, or none.</param>
/// <param name="Length">Bytes asked for; −1: none.</param>
/// <param name="Result">Its return value.</param>
/// <param name="Error">The error number; 0 for none.</param>
/// <param name="Data">Where the bytes of a write are in <see cref="FaultInjection.ReadBytes"/>; −1 when they were not kept.</param>
public sealed record FaultEvent(
    long Began, long Ended, string Call, string Path, string Other, long Offset, long Length, long Result, int Error, long Data
);
