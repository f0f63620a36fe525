using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Tarn.Core.Files;

namespace Tarn.Server.Logging;

/// <summary>
/// A file, or a FIFO or device, that lines are appended to. A regular file is opened anew for each piece: after it was moved or removed, as logrotate does, the next line is
/// in a new one, without a signal. Anything else stays open until it fails. For one writer at a time.
/// </summary>
/// <param name="path">Its path.</param>
/// <param name="isDurable">Whether what was written is on the device before <see cref="Write"/> returns.</param>
internal sealed partial class LineFile(string path, bool isDurable) : IDisposable
{
    private const int ReadFlags = 0x0 | 0x100 | 0x800 | 0x80000; // O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC
    private const int Flags = 0x1 | 0x40 | 0x100 | 0x400 | 0x800 | 0x80000; // O_WRONLY | O_CREAT | O_NOCTTY | O_APPEND | O_NONBLOCK | O_CLOEXEC
    private const uint Mode = 0x1A0; // 0640
    private const int NoReader = 6; // ENXIO: a FIFO without a reader
    private const int FromEnd = 2; // SEEK_END

    private SafeFileHandle? _kept;
    private bool _isTorn;

    /// <summary>Throws if the file cannot be opened now, and creates it if it is not there. A FIFO may be without a reader.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public void Check()
    {
        using SafeFileHandle? file = TryOpen(out int error);
        if (file is null && (error != NoReader || !CanBeRead()))
        {
            throw Failed(error);
        }
    }

    /// <summary>Appends whole lines. May block while a FIFO's reader does not read.</summary>
    /// <exception cref="IOException">Some of them were not written.</exception>
    public void Write(ReadOnlySpan<byte> lines)
    {
        SafeFileHandle file = _kept ?? TryOpen(out int error) ?? throw Failed(error);
        bool keep = false;
        try
        {
            // A failure, or another process before this one, may have left the beginning of a line: it is ended, so that it does not become part of the next.
            long size = Seek(file, 0, FromEnd);
            _isTorn = size < 0 ? _isTorn : size > 0 && EndsInsideLine(file, size);
            if (_isTorn)
            {
                WriteAll(file, "\n"u8);
            }

            WriteAll(file, lines);

            // A device's size stays 0.
            bool isRegular = Seek(file, 0, FromEnd) > 0;
            if (isDurable && isRegular)
            {
                FileSync.File(file, path);
                if (size == 0)
                {
                    FileSync.Directory(Path.GetDirectoryName(Path.GetFullPath(path))!);
                }
            }

            keep = !isRegular;
        }
        finally
        {
            _kept = keep ? file : null;
            if (!keep)
            {
                file.Dispose();
            }
        }
    }

    public void Dispose() => _kept?.Dispose();

    /// <summary>A FIFO without a reader can be opened for reading; a socket, which gives the same error, cannot.</summary>
    private bool CanBeRead()
    {
        int descriptor = Open(path, ReadFlags, 0);
        new SafeFileHandle(descriptor, ownsHandle: true).Dispose();
        return descriptor >= 0;
    }

    /// <summary>Whether the last byte of a file is not a line's end. A file that may not be read has what this process has left in it.</summary>
    private bool EndsInsideLine(SafeFileHandle file, long size)
    {
        // The same file, even if another has its path by now.
        using var reader = new SafeFileHandle(Open($"/proc/self/fd/{file.DangerousGetHandle()}", ReadFlags, 0), ownsHandle: true);
        byte last = 0;
        return !reader.IsInvalid && ReadAt(reader, ref last, 1, size - 1) == 1 ? last != '\n' : _isTorn;
    }

    private SafeFileHandle? TryOpen(out int error)
    {
        int descriptor = Open(path, Flags, Mode);
        error = descriptor < 0 ? Marshal.GetLastPInvokeError() : 0;
        return descriptor < 0 ? null : new SafeFileHandle(descriptor, ownsHandle: true);
    }

    private void WriteAll(SafeFileHandle file, ReadOnlySpan<byte> bytes)
    {
        int written = DescriptorWrite.All(file, bytes, out int error);
        _isTorn = written > 0 ? bytes[written - 1] != '\n' : _isTorn;
        if (error != 0)
        {
            throw new IncompleteWriteException(Reason(error), error, written);
        }
    }

    private IOException Failed(int error) => new(Reason(error), error);

    private string Reason(int error) => $"{path}: {Marshal.GetPInvokeErrorMessage(error)}";

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Open(string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "pread", SetLastError = true)]
    private static partial nint ReadAt(SafeFileHandle file, ref byte into, nuint count, long offset);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    private static partial long Seek(SafeFileHandle file, long offset, int origin);
}
