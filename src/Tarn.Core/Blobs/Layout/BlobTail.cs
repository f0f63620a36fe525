using Tarn.Core.Hashing;

namespace Tarn.Core.Blobs.Layout;

/// <summary>Composes what follows a blob's payload: block checksums, footer and trailer.</summary>
internal static class BlobTail
{
    /// <param name="id">The blob.</param>
    /// <param name="payload">The checksums of its payload.</param>
    /// <param name="footer">What the blob is, for a rebuild without metadata; opaque here.</param>
    public static byte[] Compose(BlobId id, BlockChecksummer payload, ReadOnlySpan<byte> footer)
    {
        int table = payload.Count * BlobLayout.ChecksumSize;
        byte[] tail = new byte[table + footer.Length + BlobLayout.TrailerSize];
        payload.Write(tail);
        footer.CopyTo(tail.AsSpan(table));
        new BlobTrailer(
            id, payload.Length, footer.Length, BlobLayout.BlockSizeLog2, Crc.Crc64Nvme.Of(tail.AsSpan(0, table + footer.Length)), payload.Whole)
            .Write(tail.AsSpan(table + footer.Length));
        return tail;
    }
}
