using Tarn.Core.Hashing;

namespace Tarn.Core.Blobs.Layout;

/// <summary>Reads what a blob says of itself, for people: nothing depends on it.</summary>
internal static class BlobFooterReader
{
    /// <summary>Footers are small; a longer one is none.</summary>
    private const int MaxFooter = 1 << 20;

    /// <summary>Whether a blob was set aside.</summary>
    public static async ValueTask<bool> IsAsideAsync(ISetAsideStore store, BlobId id, CancellationToken cancellationToken)
    {
        await using IBlobReader? reader = await store.OpenAsideAsync(id, cancellationToken);
        return reader is not null;
    }

    /// <summary>The footer of a blob that was set aside; null when there is no such blob, it has none, or it is damaged.</summary>
    /// <exception cref="IOException">The blob cannot be read.</exception>
    public static async ValueTask<byte[]?> ReadAsideAsync(ISetAsideStore store, BlobId id, CancellationToken cancellationToken)
    {
        await using IBlobReader? reader = await store.OpenAsideAsync(id, cancellationToken);
        return reader is null ? null : await ReadAsync(id, reader, cancellationToken);
    }

    /// <summary>The footer; null when the blob has none, or it is damaged.</summary>
    /// <exception cref="IOException">The blob cannot be read.</exception>
    public static async ValueTask<byte[]?> ReadAsync(BlobId id, IBlobReader reader, CancellationToken cancellationToken)
    {
        byte[] end = new byte[BlobLayout.TrailerSize];
        if (reader.IsBare || reader.Length < end.Length || !await FillAsync(reader, reader.Length - end.Length, end, cancellationToken)
            || !BlobTrailer.TryRead(end, reader.Length, out BlobTrailer trailer) || trailer.Id != id || trailer.FooterLength > MaxFooter)
        {
            return null;
        }

        byte[] tail = new byte[Math.Min(trailer.TableLength + trailer.FooterLength, Array.MaxLength)];
        return await FillAsync(reader, trailer.PayloadLength, tail, cancellationToken) && Crc.Crc64Nvme.Of(tail) == trailer.TailCrc ? tail[(int)trailer.TableLength..] : null;
    }

    private static async ValueTask<bool> FillAsync(IBlobReader reader, long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (buffer.Length > 0)
        {
            int read = await reader.ReadAsync(offset, buffer, cancellationToken);
            if (read == 0)
            {
                return false;
            }

            offset += read;
            buffer = buffer[read..];
        }

        return true;
    }
}
