using Tarn.Core.Hashing;

namespace Tarn.Core.Blobs.Layout;

/// <summary>Compares all bytes of a blob, in order as they go by, with what its trailer says of them.</summary>
internal sealed class BlobDigest(BlobTrailer trailer)
{
    private ulong _payload = Crc.Crc64Nvme.Mask;
    private ulong _tail = Crc.Crc64Nvme.Mask;
    private long _at;
    private readonly byte[] _end = new byte[BlobLayout.TrailerSize];

    /// <summary>Whether all bytes went by, and are what was stored.</summary>
    public bool Matches =>
        _at == trailer.StoredLength
        && (_payload ^ Crc.Crc64Nvme.Mask) == trailer.PayloadCrc
        && (_tail ^ Crc.Crc64Nvme.Mask) == trailer.TailCrc
        && BlobTrailer.TryRead(_end, _at, out BlobTrailer read)
        && read == trailer;

    /// <summary>Adds the bytes that follow.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        _payload = Crc.Crc64Nvme.Update(_payload, Take(ref bytes, trailer.PayloadLength));
        _tail = Crc.Crc64Nvme.Update(_tail, Take(ref bytes, trailer.StoredLength - _end.Length));
        int into = (int)(_at - (trailer.StoredLength - _end.Length));
        Take(ref bytes, trailer.StoredLength).CopyTo(_end.AsSpan(Math.Clamp(into, 0, _end.Length)));
        _at += bytes.Length;
    }

    /// <summary>Takes the bytes that are before an offset in the blob.</summary>
    private ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> bytes, long end)
    {
        ReadOnlySpan<byte> taken = bytes[..(int)Math.Clamp(end - _at, 0, bytes.Length)];
        bytes = bytes[taken.Length..];
        _at += taken.Length;
        return taken;
    }
}
