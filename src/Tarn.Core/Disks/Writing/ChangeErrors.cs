using Tarn.Core.Blobs;
using Tarn.Core.Disks.Linux;

namespace Tarn.Core.Disks.Writing;

/// <summary>What an error number means to who asked for a change.</summary>
internal static class ChangeErrors
{
    /// <summary>Throws if a call failed.</summary>
    /// <param name="call">Its name, for the log.</param>
    /// <param name="error">Its error number.</param>
    /// <param name="path">What was to be changed.</param>
    public static void ThrowIfFailed(string call, int error, DiskFilePath path)
    {
        if (error != Errno.None)
        {
            throw Of(call, error, path.Text);
        }
    }

    /// <summary>The exception for a call that failed.</summary>
    public static Exception Of(string call, int error, string path)
    {
        IOException cause = LinuxFiles.Failed(call, error);
        return error switch
        {
            Errno.NoSpace or Errno.QuotaExceeded => new DiskFullException("the file system of the disk is full", cause),
            Errno.ReadOnly => Refusal(DiskChangeRefusal.Denied, $"'{path}' is on a file system that is mounted read-only"),
            _ when Errno.IsDenied(error) => Refusal(DiskChangeRefusal.Denied, $"the server's user may not change '{path}'"),
            Errno.Exists => Exists(path),
            Errno.NotEmpty => Refusal(DiskChangeRefusal.Conflict, $"the directory '{path}' is not empty"),
            Errno.IsADirectory => Refusal(DiskChangeRefusal.Conflict, $"'{path}' is a directory"),
            Errno.NotADirectory => Refusal(DiskChangeRefusal.Conflict, $"'{path}' is not a directory, or is in something that is none"),
            Errno.CrossDevice => Refusal(DiskChangeRefusal.Conflict, $"'{path}' is on, or has mounted on it, another file system than the disk's root: attach that as a disk of its own"),
            Errno.Busy or Errno.TextBusy => Refusal(DiskChangeRefusal.Conflict, $"'{path}' is in use: a file system may be mounted there, or something in it is moved at the same time"),
            Errno.TooManyHardLinks => Refusal(DiskChangeRefusal.Conflict, $"the file system takes no more names in the directory of '{path}'"),
            Errno.FileTooLarge => Refusal(DiskChangeRefusal.TooLarge, $"'{path}' would be larger than its file system allows"),
            Errno.Invalid => Refusal(DiskChangeRefusal.Conflict, $"the file system refuses this change of '{path}': it has no such name, or cannot rename without replacing"),
            Errno.NameTooLong => Refusal(DiskChangeRefusal.Invalid, $"'{path}' is longer than its file system allows"),
            _ when Errno.IsAbsent(error) => Refusal(DiskChangeRefusal.Absent, $"there is no '{path}', or not any more"),
            _ => cause,
        };

        DiskChangeRefusedException Refusal(DiskChangeRefusal reason, string message) => new(reason, message, cause);
    }

    /// <summary>Runs file calls of .NET; a failure that the request caused is a refusal.</summary>
    public static void Guard(string path, Action action)
    {
        try
        {
            action();
        }
        catch (IOException e) when (e is not StorageFullException && e.HResult > 0)
        {
            // .NET passes on the error number where it has no code of its own for it.
            throw Of("write", e.HResult, path);
        }
        catch (ArgumentOutOfRangeException)
        {
            // This is how .NET reports EFBIG.
            throw Of("write", Errno.FileTooLarge, path);
        }
    }

    /// <summary>The refusal for a path that is taken.</summary>
    public static DiskChangeRefusedException Exists(string path) =>
        new(DiskChangeRefusal.Conflict, $"'{path}' exists already");

    /// <summary>The refusal for a path at which something is that is never replaced.</summary>
    public static DiskChangeRefusedException NotReplaceable(string path) =>
        new(DiskChangeRefusal.Conflict, $"'{path}' is a pipe, a socket or a device, which is not replaced");
}
