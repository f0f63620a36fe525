using System.ComponentModel;
using Tarn.Core.Blobs;

namespace Tarn.Backends.Files;

/// <summary>Tells a full disk, or an exhausted quota, from other failures of file calls.</summary>
public static class DiskFull
{
    private const int NoSpace = 28; // ENOSPC
    private const int QuotaExceeded = 122; // EDQUOT

    /// <summary>Runs file calls; a full disk is a <see cref="StorageFullException"/>.</summary>
    public static T Guard<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (IOException exception) when (IsCause(exception))
        {
            throw Of(exception);
        }
    }

    /// <summary>Runs file calls that return nothing; a full disk is a <see cref="StorageFullException"/>.</summary>
    public static void Guard(Action action) => Guard(() =>
    {
        action();
        return true;
    });

    /// <summary>Whether the call failed because the disk is full. .NET has no code of its own for that and passes on the errno.</summary>
    public static bool IsCause(IOException exception) =>
        exception.HResult is NoSpace or QuotaExceeded
        || exception.InnerException is Win32Exception { NativeErrorCode: NoSpace or QuotaExceeded };

    internal static StorageFullException Of(IOException exception) => new("The disk that holds the blobs is full.", exception);
}
