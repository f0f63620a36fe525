using Microsoft.Win32.SafeHandles;
using Tarn.Core.Blobs;
using Tarn.Core.Files;

namespace Tarn.Backends.Files;

/// <summary>
/// An open blob file, and the file of its tail, if that is separate. It stays readable after the blob is deleted, since the descriptors keep the
/// files alive.
/// </summary>
internal sealed class FileBlobReader : IBlobReader, IDisposable
{
    private readonly SafeFileHandle _file;
    private readonly SafeFileHandle? _tail;
    private readonly long _fileLength;
    private DeviceReads? _device;

    /// <summary>Takes over the handles, also when it throws.</summary>
    /// <exception cref="IOException">The files cannot be examined, or are none: anything may be in the place of a blob, such as a pipe.</exception>
    public FileBlobReader(string path, SafeFileHandle file, SafeFileHandle? tail, bool isBare)
    {
        _file = file;
        _tail = tail;
        IsBare = isBare;
        try
        {
            FileStat payload = BlobCalls.Stat(file), separate = tail is null ? default : BlobCalls.Stat(tail);
            if (!payload.IsRegular || (tail is not null && !separate.IsRegular))
            {
                throw new IOException($"{path}{(payload.IsRegular ? BlobPlaces.TailSuffix : "")} is not a regular file.");
            }

            _fileLength = payload.Size;
            Length = _fileLength + separate.Size;
            Stamp = new BlobStamp(
                payload.Identity.Device, payload.Identity.Inode, payload.Changed.ToNumber(), separate.Identity.Inode, separate.Changed.ToNumber());
        }
        catch
        {
            Close();
            throw;
        }
    }

    public long Length { get; }

    public bool IsBare { get; }

    public long? TailAt => _tail is null ? null : _fileLength;

    public BlobStamp Stamp { get; }

    public SafeFileHandle? FileHandle => _file;

    public async ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            return _tail is not null && offset >= _fileLength
                ? await RandomAccess.ReadAsync(_tail, buffer, offset - _fileLength, cancellationToken)
                : await RandomAccess.ReadAsync(_file, buffer, offset, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            BlobReadErrors.Count();
            throw;
        }
    }

    public async ValueTask<int> ReadDeviceAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        // The small tail of an old blob is read through the cache.
        if (_tail is not null && offset >= _fileLength)
        {
            return await ReadAsync(offset, buffer, cancellationToken);
        }

        try
        {
            _device ??= DeviceReads.Open(_file);
            return await _device.ReadAsync(offset, buffer, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            BlobReadErrors.Count();
            throw;
        }
    }

    public int TryReadCached(long offset, Span<byte> buffer) =>
        _tail is not null && offset >= _fileLength
            ? PageCache.Read(_tail, offset - _fileLength, buffer)
            : PageCache.Read(_file, offset, buffer);

    public void DropCached(long offset, long length)
    {
        PageCache.Drop(_file, offset, length);
        if (_tail is not null && offset + length > _fileLength)
        {
            PageCache.Drop(_tail, 0, Length - _fileLength);
        }
    }

    public void Dispose() => Close();

    public ValueTask DisposeAsync()
    {
        Close();
        return default;
    }

    private void Close()
    {
        _device?.Dispose();
        _file.Dispose();
        _tail?.Dispose();
    }
}
