using System.Buffers;
using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.Hashing;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Reading;

namespace Tarn.Core.Scrubbing;

/// <summary>
/// Compares a blob that has no checksums, because a build before layout 1 wrote it, with what its record knows. If it is the same, the blob gets the
/// checksums of the very bytes that were compared.
/// </summary>
internal sealed class BareScrub(IBlobStore blobs, CheckedBlob blob, HeldData held, FoundDamage found, ScrubProgress progress, ScrubPace pace)
{
    private const int BufferSize = 1 << 20;

    /// <summary>Compares, and seals.</summary>
    /// <returns>False when the record does not know enough: another holder's may.</returns>
    /// <exception cref="DamagedDataException">The blob is not what the record knows.</exception>
    public async ValueTask<bool> RunAsync(CancellationToken cancellationToken)
    {
        if (held.Known is not { } known || held.Extent.Offset != 0 || held.Extent.Length != blob.PayloadLength)
        {
            return NotVerifiable();
        }

        using var expected = KnownDigest.Of(known.Checksum, known.ETag);
        if (!expected.IsKnown)
        {
            return NotVerifiable();
        }

        using StreamHasher? md5 = known.ETag.Parts == 0 ? null : StreamHasher.CreateMd5();
        var blocks = new BlockChecksummer(blob.PayloadLength);
        await ReadAsync(expected, md5, blocks, cancellationToken);
        if (!expected.Matches())
        {
            throw await found.ReportAsync(new DamagedDataException(
                DamageKind.Checksum, held.Extent.Blob.Value, $"Blob {held.Extent.Blob} does not match what is known of {held.Name}."));
        }

        BlobFooter footer = md5 is null ? known.Footer : known.Footer with { Md5 = Finish(md5) };
        await SealAsync(BlobTail.Compose(held.Extent.Blob, blocks, footer.Encode()), cancellationToken);
        await found.VerifiedAsync(held.Extent.Blob.Value, 0, long.MaxValue);
        return true;
    }

    private async ValueTask ReadAsync(KnownDigest expected, StreamHasher? md5, BlockChecksummer blocks, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            for (long at = 0; at < blob.PayloadLength;)
            {
                int wanted = (int)Math.Min(BufferSize, blob.PayloadLength - at);
                await pace.WaitAsync(wanted, 1, cancellationToken);
                int read = await blob.ReadAsync(at, buffer.AsMemory(0, wanted), cancellationToken);
                expected.Append(buffer.AsSpan(0, read));
                md5?.Append(buffer.AsSpan(0, read));
                blocks.Append(buffer.AsSpan(0, read));
                at += read;
                progress.Count(counts => counts with { Bytes = counts.Bytes + read });
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async ValueTask SealAsync(byte[] tail, CancellationToken cancellationToken)
    {
        try
        {
            if (await blobs.SealAsync(held.Extent.Blob, tail, cancellationToken))
            {
                progress.Count(static counts => counts with { Sealed = counts.Sealed + 1 });
            }
        }
        catch (IOException e)
        {
            // The data is right all the same. The next pass tries again.
            progress.Failed($"The data of {held.Name} is right, but could not be given checksums: {e.Message}");
        }
    }

    private bool NotVerifiable()
    {
        progress.Count(static counts => counts with { NotVerifiable = counts.NotVerifiable + 1 });
        return false;
    }

    private static byte[] Finish(StreamHasher hasher)
    {
        byte[] value = new byte[hasher.HashSize];
        hasher.Finish(value);
        return value;
    }
}
