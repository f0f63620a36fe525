using Tarn.Core.Blobs;

namespace Tarn.Backends.Files;

/// <summary>Tells writes of blobs that the device failed from others, and counts them.</summary>
internal static class BlobWrites
{
    /// <summary>Runs file calls; a full disk is a <see cref="StorageFullException"/>, and any other failure of the device is counted.</summary>
    public static T Guard<T>(Func<T> action)
    {
        try
        {
            return DiskFull.Guard(action);
        }
        catch (IOException exception) when (IsFailure(exception))
        {
            BlobWriteErrors.Count();
            throw;
        }
    }

    /// <summary>Whether the device failed: it is not full, and the store did not refuse.</summary>
    public static bool IsFailure(IOException exception) => exception is not (StorageFullException or BlobKeptException);
}

/// <summary>A blob was not put in the place of another, as the caller wants it: nothing failed.</summary>
internal sealed class BlobKeptException : IOException
{
    public BlobKeptException() { }

    public BlobKeptException(string message) : base(message) { }

    public BlobKeptException(string message, Exception innerException) : base(message, innerException) { }
}
