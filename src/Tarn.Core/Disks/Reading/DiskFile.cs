using System.Buffers;
using Microsoft.Win32.SafeHandles;
using Tarn.Core.Blobs;
using Tarn.Core.Disks.Linux;
using Tarn.Core.Disks.Trees;
using Tarn.Core.Errors;
using Tarn.Core.Files;
using Tarn.Core.Model;
using Tarn.Core.Objects.Reading;

namespace Tarn.Core.Disks.Reading;

/// <summary>
/// An open file of a disk. One descriptor serves the whole answer, and the last bytes of every range are sent only after a check that the file has
/// not changed since it was opened: a torn answer is never complete. On a disk of growing files a longer file counts as appended to.
/// </summary>
public sealed class DiskFile : IObjectContent
{
    /// <summary>Bytes at the end of a range that are read, and the file checked again, before they are sent.</summary>
    private const int VerifiedTail = 64 * 1024;

    /// <summary>
    /// Longest range that is read at once, and the file checked again, before any of it is sent, so that a slow client does not matter.
    /// </summary>
    private const int ReadAtOnce = 256 * 1024;

    private readonly SafeFileHandle _file;
    private readonly FileStat _stat;
    private readonly bool _mayGrow;
    private readonly Reader _reader;
    private byte[]? _tail;
    private (long Offset, long Length) _held;

    /// <param name="mayGrow">Whether a file that grows while it is read counts as appended to.</param>
    internal DiskFile(SafeFileHandle file, in FileStat stat, bool mayGrow)
    {
        _file = file;
        _mayGrow = mayGrow;
        _stat = stat;
        _reader = new Reader(this);
        ETag = DiskETag.Of(stat);
    }

    /// <summary>Bytes, as of when the file was opened.</summary>
    public long Length => _stat.Size;

    /// <summary>To the second.</summary>
    public DateTimeOffset LastModified => _stat.Modified.ToWholeSeconds();

    /// <summary>See <see cref="DiskETag"/>.</summary>
    public ETag ETag { get; }

    /// <summary>Reads the file's first bytes, to determine its media type; fewer when it is shorter.</summary>
    public async ValueTask<int> ReadStartAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        int read = 0;
        while (read < buffer.Length)
        {
            int n = await RandomAccess.ReadAsync(_file, buffer[read..], read, cancellationToken);
            if (n == 0)
            {
                break;
            }

            read += n;
        }

        return read;
    }

    /// <summary>
    /// Reads a small range into memory, so that the answer's headers describe exactly these bytes; larger ranges are left alone. False when the
    /// file changed since it was opened and must be reopened.
    /// </summary>
    public async ValueTask<bool> TryHoldAsync(long offset, long length, CancellationToken cancellationToken)
    {
        if (length is 0 or > ReadAtOnce)
        {
            return true;
        }

        bool whole = await ReadTailAsync(offset, length, cancellationToken) && IsUnchanged();
        _held = whole ? (offset, length) : default;
        return whole;
    }

    /// <exception cref="S3Exception">SlowDown: the file changed since it was opened.</exception>
    public async ValueTask<ContentRun> RunAsync(long offset, long length, CancellationToken cancellationToken)
    {
        if (length > ReadAtOnce)
        {
            return new ContentRun(default, _reader, offset, length - VerifiedTail);
        }

        if (_held != (offset, length) && !(await ReadTailAsync(offset, length, cancellationToken) && IsUnchanged()))
        {
            throw Changed();
        }

        _held = default;
        return new ContentRun(_tail.AsMemory(0, (int)length), null, 0, length);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        if (_tail is { } tail)
        {
            _tail = null;
            ArrayPool<byte>.Shared.Return(tail);
        }

        _file.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>False when the file has become too short.</summary>
    private async ValueTask<bool> ReadTailAsync(long offset, long length, CancellationToken cancellationToken)
    {
        if (_tail is { } small && small.Length < length)
        {
            _tail = null;
            ArrayPool<byte>.Shared.Return(small);
        }

        _tail ??= ArrayPool<byte>.Shared.Rent((int)length);
        Memory<byte> tail = _tail.AsMemory(0, (int)length);
        for (int done = 0; done < length;)
        {
            int read = await RandomAccess.ReadAsync(_file, tail[done..], offset + done, cancellationToken);
            if (read == 0)
            {
                return false;
            }

            done += read;
        }

        return true;
    }

    private bool IsUnchanged()
    {
        int error = LinuxFiles.Stat(_file, out FileStat now);
        if (error != Errno.None)
        {
            throw LinuxFiles.Failed("statx", error);
        }

        return now.HasBytesOf(_stat) || (_mayGrow && now.IsLongerThan(_stat));
    }

    private static S3Exception Changed() => new(S3Error.SlowDown, "The file changed while it was read. Try again.");

    /// <summary>Reads the file for a transport: as it was when opened, or fails.</summary>
    private sealed class Reader(DiskFile file) : IByteSource
    {
        public async ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
        {
            int read = await RandomAccess.ReadAsync(file._file, buffer, offset, cancellationToken);
            return read > 0 || buffer.IsEmpty || offset >= file.Length ? read : throw Changed();
        }
    }
}
