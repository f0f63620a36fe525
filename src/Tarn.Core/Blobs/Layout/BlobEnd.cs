using System.Buffers.Binary;
using Tarn.Core.Hashing;

namespace Tarn.Core.Blobs.Layout;

/// <summary>All of a blob that is not its payload, verified.</summary>
/// <param name="Trailer">The trailer.</param>
/// <param name="Tail">The checksums of the blocks, and the footer.</param>
internal sealed record BlobEnd(BlobTrailer Trailer, byte[] Tail)
{
    private const int MaxTail = 1 << 28;

    /// <summary>What the blob says of itself.</summary>
    public ReadOnlySpan<byte> Footer => Tail.AsSpan((int)Trailer.TableLength);

    /// <summary>Whether a block of the payload is what was stored.</summary>
    public bool Matches(long block, ReadOnlySpan<byte> bytes) =>
        Crc.Crc64Nvme.Of(bytes) == BinaryPrimitives.ReadUInt64BigEndian(Tail.AsSpan((int)block * BlobLayout.ChecksumSize));

    /// <summary>Reads and verifies what follows the payload of a blob that is not bare.</summary>
    /// <param name="id">The blob.</param>
    /// <param name="reader">Reads it.</param>
    /// <param name="onDevice">Whether it is read from the device, whatever is in memory.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>What follows, or else what is wrong.</returns>
    /// <exception cref="IOException">The blob cannot be read, or a newer build wrote it.</exception>
    public static async ValueTask<(BlobEnd? End, DamagedDataException? Damage)> ReadAsync(BlobId id, IBlobReader reader, bool onDevice, CancellationToken cancellationToken)
    {
        (BlobTrailer? trailer, DamagedDataException? damage) = await ReadTrailerAsync(id, reader, onDevice, cancellationToken);
        if (trailer is not { } found)
        {
            return (null, damage);
        }

        long length = found.TableLength + found.FooterLength;
        byte[] tail = new byte[Math.Min(length, MaxTail)];
        bool isWhole = tail.Length == length && await FillAsync(reader, found.PayloadLength, tail, onDevice, cancellationToken) && Crc.Crc64Nvme.Of(tail) == found.TailCrc;
        return isWhole
            ? (new BlobEnd(found, tail), null)
            : (null, new DamagedDataException(DamageKind.Checksum, id.Value, "The checksums of the blocks or the footer of the blob are damaged."));
    }

    /// <summary>Verifies what follows the payload as the device has it; null when it is right, or the blob is gone.</summary>
    /// <exception cref="IOException">The blob cannot be read, or a newer build wrote it.</exception>
    public static async ValueTask<DamagedDataException?> FindDamageAsync(IBlobStore blobs, BlobId id, CancellationToken cancellationToken)
    {
        await using IBlobReader? reader = await blobs.OpenAsync(id, cancellationToken);
        return reader is null ? null : (await ReadAsync(id, reader, onDevice: true, cancellationToken)).Damage;
    }

    /// <summary>The length of a blob that was set aside; null when there is none with that id.</summary>
    public static async ValueTask<long?> AsideLengthAsync(ISetAsideStore store, BlobId id, CancellationToken cancellationToken)
    {
        await using IBlobReader? reader = await store.OpenAsideAsync(id, cancellationToken);
        return reader?.Length;
    }

    /// <summary>What a blob says of itself that was set aside; null when it is not there, is bare, or is damaged.</summary>
    /// <exception cref="IOException">The blob cannot be read, or a newer build wrote it.</exception>
    public static async ValueTask<BlobEnd?> ReadAsideAsync(ISetAsideStore store, BlobId id, CancellationToken cancellationToken)
    {
        await using IBlobReader? reader = await store.OpenAsideAsync(id, cancellationToken);
        return reader is null or { IsBare: true } ? null : (await ReadAsync(id, reader, onDevice: false, cancellationToken)).End;
    }

    /// <summary>Reads and verifies the trailer alone.</summary>
    /// <exception cref="IOException">The blob cannot be read, or a newer build wrote it.</exception>
    public static async ValueTask<(BlobTrailer? Trailer, DamagedDataException? Damage)> ReadTrailerAsync(
        BlobId id, IBlobReader reader, bool onDevice, CancellationToken cancellationToken)
    {
        byte[] bytes = new byte[BlobLayout.TrailerSize];
        if (reader.Length < bytes.Length
            || !await FillAsync(reader, reader.Length - bytes.Length, bytes, onDevice, cancellationToken)
            || !BlobTrailer.TryRead(bytes, reader.Length, out BlobTrailer trailer))
        {
            return (null, new DamagedDataException(DamageKind.Checksum, id.Value, "The blob does not end with its trailer."));
        }

        return trailer.Id == id ? (trailer, null) : (null, new DamagedDataException(DamageKind.WrongBlob, id.Value, $"It is the blob {trailer.Id}."));
    }

    /// <summary>Reads until the buffer is full; false when the blob ends before that.</summary>
    /// <exception cref="IOException">The blob cannot be read.</exception>
    public static async ValueTask<bool> FillAsync(IBlobReader reader, long offset, Memory<byte> buffer, bool onDevice, CancellationToken cancellationToken)
    {
        while (buffer.Length > 0)
        {
            int read = onDevice ? await reader.ReadDeviceAsync(offset, buffer, cancellationToken) : await reader.ReadAsync(offset, buffer, cancellationToken);
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
