using System.Buffers;
using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.Hashing;
using Tarn.Core.Objects.Reading;

namespace Tarn.Core.Scrubbing;

/// <summary>
/// Compares a blob that has no checksums, because a build before layout 1 wrote it, with what its record knows. If it is the same, the blob gets the
/// checksums of the very bytes that were compared.
/// </summary>
/// <param name="blobs">Holds the blob.</param>
/// <param name="blob">The blob.</param>
/// <param name="held">What is held of it.</param>
/// <param name="isShared">Whether others may have it too.</param>
/// <param name="found">Is told of damage.</param>
/// <param name="notVerifiable">The blobs that were counted as not verifiable.</param>
/// <param name="progress">Counts.</param>
/// <param name="pace">The pace.</param>
internal sealed class BareScrub(
    IBlobStore blobs, CheckedBlob blob, HeldData held, bool isShared, FoundDamage found, HashSet<BlobId> notVerifiable, ScrubProgress progress, ScrubPace pace)
{
    private const int BufferSize = 1 << 20;

    private BlobId Id => held.Extent.Blob;

    private bool IsWhole => held.Extent.Offset == 0 && held.Extent.Length == blob.PayloadLength;

    /// <summary>Compares what is held of the blob, and seals the blob if that is all of it.</summary>
    /// <returns>Whether all of the blob was compared; false when others that have it may know more of it.</returns>
    public async ValueTask<bool> RunAsync(CancellationToken cancellationToken)
    {
        if (held.Known is not { } known)
        {
            return NotVerifiable();
        }

        using var expected = KnownDigest.Of(known.Checksum, known.ETag);
        if (!expected.IsKnown)
        {
            return NotVerifiable();
        }

        using StreamHasher? md5 = known.ETag.Parts == 0 ? null : StreamHasher.CreateMd5();
        var blocks = new BlockChecksummer(held.Extent.Length);
        await ReadAsync(expected, md5, blocks, cancellationToken);
        if (!expected.Matches())
        {
            await found.ReportAsync(new DamagedDataException(DamageKind.Checksum, Id.Value, $"Blob {Id} does not match what is known of {held.Name}.")
            {
                Offset = held.Extent.Offset, Length = IsWhole ? long.MaxValue : held.Extent.Length,
            });
            return IsWhole;
        }

        if (!IsWhole)
        {
            // Who alone has a blob, from its start, has all of it.
            if (!isShared && held.Extent.Offset == 0)
            {
                await found.ReportAsync(new DamagedDataException(
                    DamageKind.Length, Id.Value, $"Blob {Id} has {blob.PayloadLength} bytes instead of {held.Extent.Length}."));
            }

            return false;
        }

        if (known.Footer is not { } footer || held.Bucket.Length == 0)
        {
            // What is needed to say what the blob is cannot be read, which was counted.
            return true;
        }

        await SealAsync(BlobTail.Compose(Id, blocks, (md5 is null ? footer : footer with { Md5 = md5.Finish() }).Encode()), cancellationToken);
        await found.VerifiedAsync(Id.Value, 0, long.MaxValue);
        return true;
    }

    private async ValueTask ReadAsync(KnownDigest expected, StreamHasher? md5, BlockChecksummer blocks, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            for (long at = held.Extent.Offset; at < held.Extent.End;)
            {
                int wanted = (int)Math.Min(BufferSize, held.Extent.End - at);
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
            if (await blobs.SealAsync(Id, tail, cancellationToken))
            {
                long counted = notVerifiable.Remove(Id) ? 1 : 0;
                progress.Count(counts => counts with { Sealed = counts.Sealed + 1, NotVerifiable = counts.NotVerifiable - counted });
            }
        }
        catch (Exception e) when (BlobScrub.IsUnreadable(e))
        {
            // The data is right all the same. The next pass tries again.
            progress.Failed($"The data of {held.Name} is right, but could not be given checksums: {e.Message}");
        }
    }

    private bool NotVerifiable()
    {
        if (notVerifiable.Add(Id))
        {
            progress.Count(static counts => counts with { NotVerifiable = counts.NotVerifiable + 1 });
        }

        return false;
    }
}
