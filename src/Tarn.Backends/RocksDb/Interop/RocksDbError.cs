using System.Runtime.InteropServices;
using Tarn.Core.Blobs;
using Tarn.Core.Errors;
using Tarn.Core.KeyValue;

namespace Tarn.Backends.RocksDb.Interop;

/// <summary>Converts RocksDB's error messages, the only form of error in its C API, into exceptions.</summary>
internal static class RocksDbError
{
    /// <summary>Reads the message and frees it.</summary>
    public static string Take(nint error)
    {
        string message = Marshal.PtrToStringUTF8(error) ?? "unknown error";
        RocksDbNative.Free(error);
        return message;
    }

    /// <summary>Creates the exception for a failed read.</summary>
    /// <param name="message">RocksDB's message.</param>
    /// <param name="what">What was read; null if the message says it.</param>
    public static IOException ToException(string message, string? what = null) =>
        // The text of the status itself, and those of ENOSPC and EDQUOT, which it includes.
        message.Contains("No space left", StringComparison.OrdinalIgnoreCase)
        || message.Contains("Disk quota exceeded", StringComparison.OrdinalIgnoreCase)
            ? new StorageFullException($"The metadata store has no room: {message}")
            : message.Contains("Too many open files", StringComparison.OrdinalIgnoreCase)
                ? new IOException($"The metadata store failed: {message}", DescriptorShortage.OfProcess)
                : IsDamage(message)
                    ? new StoreDamagedException($"The metadata store is damaged: {message}{(what is null ? null : $", in a read of {what}")}. docs/operations/recovery.md says what can be done.")
                    : new IOException($"The metadata store failed: {message}");

    /// <summary>
    /// Creates the exception for a failed write. Only a lack of room is temporary: RocksDB then checks for room itself and continues with
    /// a new log, unless creating that log failed or the lack of room is due to a quota.
    /// </summary>
    public static IOException ToFailure(string message) =>
        message.Contains("No space left", StringComparison.OrdinalIgnoreCase)
        && !(message.Contains("open a file for appending", StringComparison.Ordinal) && message.Contains(".log:", StringComparison.Ordinal))
            ? ToException(message)
            : new StoreFailedException($"The metadata store failed: {message}");

    /// <summary>Creates the exception for a failed open of <paramref name="directory"/>.</summary>
    public static IOException ToOpenException(string message, string directory) =>
        message.Contains("lock ", StringComparison.OrdinalIgnoreCase)
        && (message.Contains("temporarily unavailable", StringComparison.OrdinalIgnoreCase)
            || message.Contains("lock hold by current process", StringComparison.OrdinalIgnoreCase))
            ? new StoreLockedException($"The metadata store {directory} is in use: is another server running on it? ({message})")
            : IsDamage(message)
                ? new StoreDamagedException(
                    $"the metadata store {directory} is damaged and was not opened: {message}. Copy the data directory before anything else, and restore a "
                    + "backup if there is one; docs/operations/recovery.md says what else can be done.")
                : ToException(message);

    // Of its own files, none may be missing.
    private static bool IsDamage(string message) =>
        message.StartsWith("Corruption", StringComparison.Ordinal) || message.Contains("No such file or directory", StringComparison.Ordinal);
}
