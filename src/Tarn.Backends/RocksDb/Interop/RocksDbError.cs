using System.Runtime.InteropServices;
using Tarn.Core.Blobs;
using Tarn.Core.Errors;
using Tarn.Core.KeyValue;

namespace Tarn.Backends.RocksDb.Interop;

/// <summary>Turns RocksDB's error messages, which are all its C API gives, into exceptions.</summary>
internal static class RocksDbError
{
    /// <summary>Throws if <paramref name="error"/> is set, and frees it.</summary>
    public static void ThrowIfSet(nint error)
    {
        if (error != 0)
        {
            throw ToException(Take(error));
        }
    }

    /// <summary>Reads the message and frees it.</summary>
    public static string Take(nint error)
    {
        string message = Marshal.PtrToStringUTF8(error) ?? "unknown error";
        RocksDbNative.Free(error);
        return message;
    }

    /// <summary>The exception for a failed read.</summary>
    public static IOException ToException(string message) =>
        // The status's own text, and that of ENOSPC and EDQUOT, which it carries through.
        message.Contains("No space left", StringComparison.OrdinalIgnoreCase)
        || message.Contains("Disk quota exceeded", StringComparison.OrdinalIgnoreCase)
            ? new StorageFullException($"The metadata store has no room: {message}")
            : message.Contains("Too many open files", StringComparison.OrdinalIgnoreCase)
                ? new IOException($"The metadata store failed: {message}", DescriptorShortage.OfProcess)
                : new IOException($"The metadata store failed: {message}");

    /// <summary>
    /// The exception for a failed write. The store does not get over it, but for want of room: RocksDB then looks for room by itself and goes
    /// on with a new log. Not when it is that log which could not be made; nor does it know of quotas.
    /// </summary>
    public static IOException ToFailure(string message) =>
        message.Contains("No space left", StringComparison.OrdinalIgnoreCase)
        && !(message.Contains("open a file for appending", StringComparison.Ordinal) && message.Contains(".log:", StringComparison.Ordinal))
            ? ToException(message)
            : new StoreFailedException($"The metadata store failed: {message}");

    /// <summary>The exception for a failed open of <paramref name="directory"/>.</summary>
    public static IOException ToOpenException(string message, string directory) =>
        message.Contains("lock ", StringComparison.OrdinalIgnoreCase)
        && (message.Contains("temporarily unavailable", StringComparison.OrdinalIgnoreCase)
            || message.Contains("lock hold by current process", StringComparison.OrdinalIgnoreCase))
            ? new StoreLockedException($"The metadata store {directory} is in use: is another server running on it? ({message})")
            : message.StartsWith("Corruption", StringComparison.Ordinal) || message.Contains("No such file or directory", StringComparison.Ordinal)
                ? new StoreDamagedException(
                    $"the metadata store {directory} is damaged and was not opened: {message}. Copy the data directory before anything else, and restore a "
                    + "backup if there is one; docs/operations/recovery.md says what else can be done.")
                : ToException(message);
}
