using System.Buffers;
using System.Buffers.Binary;
using Tarn.Core.Hashing;

namespace Tarn.Core.Blobs.Layout;

/// <summary>Reads one copy of a blob from end to end and tells how good it is, for those who choose between copies.</summary>
internal static class BlobVerifier
{
    private const int TableBytes = 4096;

    /// <summary>How good a copy is.</summary>
    /// <param name="id">The blob that it should be.</param>
    /// <param name="reader">The copy; null when there is none.</param>
    /// <param name="pace">Waits until so many bytes may be read; null: they may at once.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public static async ValueTask<BlobSoundness> JudgeAsync(BlobId id, IBlobReader? reader, Func<int, ValueTask>? pace, CancellationToken cancellationToken)
    {
        if (reader is null)
        {
            return BlobSoundness.Missing;
        }

        byte[] buffer = ArrayPool<byte>.Shared.Rent(1 << BlobLayout.MaxBlockSizeLog2 >> 4);
        try
        {
            return reader.IsBare ? await ReadAsync(reader, buffer, pace, cancellationToken)
                : await IsWholeAsync(id, reader, pace, cancellationToken) ? BlobSoundness.Whole
                : await ReadAsync(reader, buffer, pace, cancellationToken) == BlobSoundness.Unverifiable ? BlobSoundness.Damaged
                : BlobSoundness.Unreadable;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException && !Errors.DescriptorShortage.IsCauseOf(e))
        {
            return BlobSoundness.Unreadable;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Reads the trailer of a copy; null when it has none, or not that of the blob.</summary>
    /// <inheritdoc cref="JudgeAsync"/>
    public static async ValueTask<BlobTrailer?> FindTrailerAsync(BlobId id, IBlobReader reader, Func<int, ValueTask>? pace, CancellationToken cancellationToken)
    {
        byte[] end = new byte[BlobLayout.TrailerSize];
        return reader.Length >= end.Length
            && await FillAsync(reader, reader.Length - end.Length, end, pace, cancellationToken)
            && BlobTrailer.TryRead(end, reader.Length, out BlobTrailer trailer)
            && trailer.Id == id
            && (reader.TailAt is not { } at || at == trailer.PayloadLength) ? trailer : null;
    }

    /// <summary>Whether a copy that is not bare is what was stored, all of it, as the device has it.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <inheritdoc cref="JudgeAsync"/>
    public static async ValueTask<bool> IsWholeAsync(BlobId id, IBlobReader reader, Func<int, ValueTask>? pace, CancellationToken cancellationToken)
    {
        if (await FindTrailerAsync(id, reader, pace, cancellationToken) is not { } trailer)
        {
            return false;
        }

        byte[] table = new byte[TableBytes];
        byte[] block = ArrayPool<byte>.Shared.Rent(1 << trailer.BlockSizeLog2);
        try
        {
            ulong register = Crc.Crc64Nvme.Mask;
            long blocks = BlobLayout.BlockCount(trailer.PayloadLength, trailer.BlockSizeLog2);
            for (long number = 0; number < blocks; number++)
            {
                int entry = (int)(number % (TableBytes / BlobLayout.ChecksumSize)) * BlobLayout.ChecksumSize;
                if (entry == 0)
                {
                    Memory<byte> run = table.AsMemory(0, (int)Math.Min(TableBytes, (blocks - number) * BlobLayout.ChecksumSize));
                    if (!await FillAsync(reader, trailer.PayloadLength + (number * BlobLayout.ChecksumSize), run, pace, cancellationToken))
                    {
                        return false;
                    }

                    register = Crc.Crc64Nvme.Update(register, run.Span);
                }

                long start = number << trailer.BlockSizeLog2;
                Memory<byte> bytes = block.AsMemory(0, (int)Math.Min(1 << trailer.BlockSizeLog2, trailer.PayloadLength - start));
                if (!await FillAsync(reader, start, bytes, pace, cancellationToken)
                    || Crc.Crc64Nvme.Of(bytes.Span) != BinaryPrimitives.ReadUInt64BigEndian(table.AsSpan(entry)))
                {
                    return false;
                }
            }

            long footer = trailer.PayloadLength + trailer.TableLength;
            for (int done = 0; done < trailer.FooterLength;)
            {
                Memory<byte> run = table.AsMemory(0, Math.Min(TableBytes, trailer.FooterLength - done));
                if (!await FillAsync(reader, footer + done, run, pace, cancellationToken))
                {
                    return false;
                }

                register = Crc.Crc64Nvme.Update(register, run.Span);
                done += run.Length;
            }

            return (register ^ Crc.Crc64Nvme.Mask) == trailer.TailCrc;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    private static async ValueTask<BlobSoundness> ReadAsync(IBlobReader reader, byte[] buffer, Func<int, ValueTask>? pace, CancellationToken cancellationToken)
    {
        for (long at = 0; at < reader.Length;)
        {
            int count = await ReadDeviceAsync(reader, at, buffer.AsMemory(0, (int)Math.Min(buffer.Length, reader.Length - at)), pace, cancellationToken);
            if (count == 0)
            {
                return BlobSoundness.Unreadable;
            }

            at += count;
        }

        return BlobSoundness.Unverifiable;
    }

    private static async ValueTask<bool> FillAsync(IBlobReader reader, long offset, Memory<byte> buffer, Func<int, ValueTask>? pace, CancellationToken cancellationToken)
    {
        for (int filled = 0; filled < buffer.Length;)
        {
            int count = await ReadDeviceAsync(reader, offset + filled, buffer[filled..], pace, cancellationToken);
            if (count == 0)
            {
                return false;
            }

            filled += count;
        }

        return true;
    }

    /// <summary>Reads from the device: what is in memory may be right where that is not.</summary>
    private static async ValueTask<int> ReadDeviceAsync(IBlobReader reader, long offset, Memory<byte> buffer, Func<int, ValueTask>? pace, CancellationToken cancellationToken)
    {
        if (pace is not null)
        {
            await pace(buffer.Length);
        }

        return await reader.ReadDeviceAsync(offset, buffer, cancellationToken);
    }
}

/// <summary>How good a copy of a blob is; a greater value is better.</summary>
internal enum BlobSoundness
{
    /// <summary>There is none.</summary>
    Missing,

    /// <summary>Some of it cannot be read.</summary>
    Unreadable,

    /// <summary>It can be read, and is not what was stored.</summary>
    Damaged,

    /// <summary>It can be read, and nothing in it tells whether it is what was stored.</summary>
    Unverifiable,

    /// <summary>It is what was stored.</summary>
    Whole,
}
