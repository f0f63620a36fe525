namespace Tarn.Core.Disks.Linux;

/// <summary>The error numbers of Linux that Tarn distinguishes; the same on x64 and arm64. Source: errno(3).</summary>
internal static class Errno
{
    public const int None = 0;
    public const int NotPermitted = 1; // EPERM
    public const int NotFound = 2; // ENOENT
    public const int Interrupted = 4; // EINTR
    public const int NoDevice = 6; // ENXIO
    public const int TryAgain = 11; // EAGAIN
    public const int NoMemory = 12; // ENOMEM
    public const int AccessDenied = 13; // EACCES
    public const int Busy = 16; // EBUSY
    public const int Exists = 17; // EEXIST
    public const int CrossDevice = 18; // EXDEV
    public const int NotADirectory = 20; // ENOTDIR
    public const int IsADirectory = 21; // EISDIR
    public const int Invalid = 22; // EINVAL
    public const int TooManyFilesInSystem = 23; // ENFILE
    public const int TooManyFiles = 24; // EMFILE
    public const int TextBusy = 26; // ETXTBSY
    public const int FileTooLarge = 27; // EFBIG
    public const int NoSpace = 28; // ENOSPC
    public const int ReadOnly = 30; // EROFS
    public const int TooManyHardLinks = 31; // EMLINK
    public const int NameTooLong = 36; // ENAMETOOLONG
    public const int NotImplemented = 38; // ENOSYS
    public const int NotEmpty = 39; // ENOTEMPTY
    public const int TooManyLinks = 40; // ELOOP
    public const int NoData = 61; // ENODATA
    public const int NotSupported = 95; // EOPNOTSUPP
    public const int Stale = 116; // ESTALE
    public const int QuotaExceeded = 122; // EDQUOT

    /// <summary>Nothing is there, or a link leads nowhere.</summary>
    public static bool IsAbsent(int error) => error is NotFound or NotADirectory or TooManyLinks or NameTooLong or NoDevice or Stale;

    /// <summary>It exists, but this process may not access it.</summary>
    public static bool IsDenied(int error) => error is AccessDenied or NotPermitted;

    /// <summary>A resource of the machine is temporarily exhausted.</summary>
    public static bool IsExhausted(int error) => error is TryAgain or NoMemory or TooManyFiles or TooManyFilesInSystem;
}
