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
    private const int Flags = 0x1 | 0x40 | 0x100 | 0x400 | 0x800 | 0x80000; // O_WRONLY | O_CREAT | O_NOCTTY | O_APPEND | O_NONBLOCK | O_CLOEXEC
    private const uint Mode = 0x1A0; // 0640
    private const int Interrupted = 4; // EINTR
    private const int NoReader = 6; // ENXIO: a FIFO without a reader
    private const int TryAgain = 11; // EAGAIN
    private const int IllegalSeek = 29; // ESPIPE
    private const short Writable = 4; // POLLOUT

    private SafeFileHandle? _kept;
    private bool _isTorn;

    /// <summary>The path.</summary>
    public string Path => path;

    /// <summary>Throws if the file cannot be opened now, and creates it if it is not there. A FIFO may be without a reader.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public void Check()
    {
        using SafeFileHandle? file = TryOpen(out int error);
        if (file is null && error != NoReader)
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
            // What a failure left of a line is ended, so that it does not become part of the next.
            if (_isTorn)
            {
                WriteAll(file, "\n"u8);
            }

            WriteAll(file, lines);
            bool isRegular = IsSeekable(file);
            if (isDurable && isRegular)
            {
                FileSync.File(file, path);
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

    private SafeFileHandle? TryOpen(out int error)
    {
        int descriptor = Open(path, Flags, Mode);
        error = descriptor < 0 ? Marshal.GetLastPInvokeError() : 0;
        return descriptor < 0 ? null : new SafeFileHandle(descriptor, ownsHandle: true);
    }

    private void WriteAll(SafeFileHandle file, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            nint written = WriteSome(file, bytes, (nuint)bytes.Length);
            if (written >= 0)
            {
                _isTorn = written > 0 ? bytes[(int)written - 1] != '\n' : _isTorn;
                bytes = bytes[(int)written..];
                continue;
            }

            switch (Marshal.GetLastPInvokeError())
            {
                case Interrupted:
                    break;
                case TryAgain:
                    var poll = new PollDescriptor { Descriptor = (int)file.DangerousGetHandle(), Events = Writable };
                    _ = Poll(ref poll, 1, -1);
                    break;
                case int error:
                    throw Failed(error);
            }
        }
    }

    private static bool IsSeekable(SafeFileHandle file) => Seek(file, 0, 1) >= 0 || Marshal.GetLastPInvokeError() != IllegalSeek;

    private IOException Failed(int error) => new($"{path}: {Marshal.GetPInvokeErrorMessage(error)}", error);

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Open(string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint WriteSome(SafeFileHandle file, ReadOnlySpan<byte> bytes, nuint count);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    private static partial long Seek(SafeFileHandle file, long offset, int origin);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(ref PollDescriptor descriptors, nuint count, int timeout);

    private struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}
