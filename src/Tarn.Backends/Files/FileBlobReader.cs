using Microsoft.Win32.SafeHandles;
using Tarn.Core.Blobs;

namespace Tarn.Backends.Files;

/// <summary>An open blob file. It stays readable after the blob is deleted, since the descriptor keeps the file alive.</summary>
internal sealed class FileBlobReader : IBlobReader
{
    private readonly SafeFileHandle _file;

    public FileBlobReader(string path)
    {
        _file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        Length = RandomAccess.GetLength(_file);
    }

    public long Length { get; }

    public SafeFileHandle? FileHandle => _file;

    public async ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await RandomAccess.ReadAsync(_file, buffer, offset, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            BlobReadErrors.Count();
            throw;
        }
    }

    public ValueTask DisposeAsync()
    {
        _file.Dispose();
        return default;
    }
}
