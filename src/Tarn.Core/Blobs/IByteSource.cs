namespace Tarn.Core.Blobs;

/// <summary>Bytes that are read at any offset: the payload of a blob, or a file.</summary>
public interface IByteSource
{
    /// <summary>Reads up to <paramref name="buffer"/>.Length bytes at <paramref name="offset"/>; 0 only at or past the end.</summary>
    ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken);
}
