using System.Buffers;
using System.Runtime.InteropServices;
using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.Errors;
using Tarn.Core.Hashing;
using Tarn.Core.Model;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Telemetry;

namespace Tarn.Core.Objects.Writing;

/// <summary>
/// Receives an upload's bytes: hashes them, stages them (a small upload in memory, for its own row; a larger one as a blob),
/// and checks every digest the client gave. Nothing refers to what it stores until the caller commits the staged data.
/// </summary>
internal sealed class Ingest(IBlobStore blobs, BlobAnnouncements announcements, TimeProvider clock, IRandomSource random, int inlineLimit)
{
    /// <summary>
    /// For fewer bytes than this, handing the MD5 to another thread costs more than it gains. The body's length counts, not the
    /// current run's: runs only grow because bytes arrive while another thread still hashes the previous ones.
    /// </summary>
    private const int ParallelHashThreshold = 128 * 1024;

    /// <param name="body">The upload.</param>
    /// <param name="request">What to check it against.</param>
    /// <param name="about">What the upload is to become, for the footer of its blob.</param>
    /// <param name="allowInline">Whether a small upload may be stored inline, outside the blob store.</param>
    /// <param name="cancellationToken">Cancels the upload; nothing is left behind.</param>
    /// <exception cref="S3Exception">EntityTooLarge, BadDigest, InvalidRequest, StorageFull, or the body's own errors.</exception>
    public async ValueTask<StagedData> TakeAsync(
        IUploadBody body, IngestRequest request, BlobFooter about, bool allowInline, CancellationToken cancellationToken)
    {
        if (body.Length > request.MaxLength)
        {
            throw TooLarge(body.Length.Value, request);
        }

        int limit = allowInline ? inlineLimit : 0;
        var staged = new StagedData(announcements);
        BlockChecksummer? sums;
        try
        {
            if (body.Length > limit || !allowInline)
            {
                sums = await TakeBlobAsync(staged, body, ReadOnlyMemory<byte>.Empty, request, cancellationToken);
            }
            else
            {
                sums = await TakeSmallAsync(staged, body, limit, request, cancellationToken);
            }

            Verify(staged, body, request);
            if (sums is not null)
            {
                await WriteTailAsync(staged, sums, request, about, cancellationToken);
            }

            await staged.MakeDurableAsync(cancellationToken);
            return staged;
        }
        catch
        {
            await staged.DisposeAsync();
            throw;
        }
    }

    /// <summary>Creates the random part of a new version's id.</summary>
    public ulong NewVersionRandom() => random.NextUInt64();

    /// <returns>The checksums of a blob's blocks; null when the upload is small and is no blob.</returns>
    private async ValueTask<BlockChecksummer?> TakeSmallAsync(
        StagedData staged, IUploadBody body, int limit, IngestRequest request, CancellationToken cancellationToken)
    {
        var buffer = new ArrayBufferWriter<byte>((int)(body.Length ?? 4096) + InlineSeal.Size);
        while (true)
        {
            ReadOnlySequence<byte> data = await body.ReadAsync(cancellationToken);
            if (data.IsEmpty)
            {
                break;
            }

            if (buffer.WrittenCount + data.Length > request.MaxLength)
            {
                throw TooLarge(buffer.WrittenCount + data.Length, request);
            }

            foreach (ReadOnlyMemory<byte> segment in data)
            {
                buffer.Write(segment.Span);
            }

            if (buffer.WrittenCount > limit)
            {
                return await TakeBlobAsync(staged, body, buffer.WrittenMemory, request, cancellationToken);
            }
        }

        using StreamHasher md5 = StreamHasher.CreateMd5();
        using StreamHasher checksum = StreamHasher.Create(request.EffectiveAlgorithm);
        md5.Append(buffer.WrittenSpan);
        checksum.Append(buffer.WrittenSpan);
        int size = buffer.WrittenCount;
        staged.Finish(size, md5, checksum.Finish());
        if (size > 0)
        {
            // The row's checksum is of the bytes that the client's was compared with, not of the copy that becomes the row.
            var row = Id128.Create(random);
            InlineSeal.Write(row, buffer.WrittenSpan, buffer.GetSpan(InlineSeal.Size));
            buffer.Advance(InlineSeal.Size);

            // The buffer is just as long where the length was known, which saves a copy.
            bool isExact = MemoryMarshal.TryGetArray(buffer.WrittenMemory, out ArraySegment<byte> made) && made is { Offset: 0, Array: { } all } && made.Count == all.Length;
            staged.Inline = (row, isExact ? made.Array! : buffer.WrittenSpan.ToArray());
        }

        return null;
    }

    private async ValueTask<BlockChecksummer> TakeBlobAsync(
        StagedData staged, IUploadBody body, ReadOnlyMemory<byte> already, IngestRequest request, CancellationToken cancellationToken)
    {
        staged.Pending = await announcements.TakeAsync(cancellationToken);
        BlobId id = staged.Pending.Id;
        IBlobWriter writer;
        using (RequestTimes.Measure(RequestStage.Blob, "blob create"))
        {
            writer = staged.Writer = await blobs.CreateAsync(id, body.Length, cancellationToken);
        }

        bool hashBeside = body.Length is not < ParallelHashThreshold;
        using StreamHasher md5 = hashBeside ? StreamHasher.CreateSharedMd5() : StreamHasher.CreateMd5();

        // The checksums of the blocks add up to the default checksum: only another algorithm takes a pass of its own.
        var sums = new BlockChecksummer(body.Length);
        using StreamHasher? checksum = request.EffectiveAlgorithm == ChecksumAlgorithm.Crc64Nvme ? null : StreamHasher.Create(request.EffectiveAlgorithm);
        long length = 0;
        var data = new ReadOnlySequence<byte>(already);
        while (true)
        {
            if (!data.IsEmpty)
            {
                length += data.Length;
                if (length > request.MaxLength)
                {
                    throw TooLarge(length, request);
                }

                await StoreAsync(writer, md5, sums, checksum, data, hashBeside, cancellationToken);
            }

            data = await body.ReadAsync(cancellationToken);
            if (data.IsEmpty)
            {
                break;
            }
        }

        staged.Finish(length, md5, checksum is null ? sums.WholeBytes() : checksum.Finish());
        return sums;
    }

    /// <summary>Completes the blob with what reads are verified against. The bytes themselves were accepted by now.</summary>
    private async ValueTask WriteTailAsync(
        StagedData staged, BlockChecksummer sums, IngestRequest request, BlobFooter about, CancellationToken cancellationToken)
    {
        byte[] footer = (about with
        {
            Written = Timestamps.Microseconds(clock),
            Md5 = staged.Md5,
            Checksum = new Checksum(request.EffectiveAlgorithm, ChecksumType.FullObject, staged.Checksum, 0),
        }).Encode();
        byte[] tail = BlobTail.Compose(staged.Pending!.Id, sums, footer);
        await WriteAsync(staged.Writer!, new ReadOnlySequence<byte>(tail), cancellationToken);
        staged.Stored = sums.Length + tail.Length;
    }

    /// <summary>MD5 is slower than everything else together, so for larger uploads it is computed in parallel with the write, and with that of other uploads.</summary>
    private static async ValueTask StoreAsync(
        IBlobWriter writer, StreamHasher md5, BlockChecksummer sums, StreamHasher? checksum, ReadOnlySequence<byte> data, bool hashBeside,
        CancellationToken cancellationToken)
    {
        if (!hashBeside)
        {
            Append(md5, sums, checksum, data);
            await WriteAsync(writer, data, cancellationToken);
            return;
        }

        ValueTask hashing = md5.AppendAsync(data);
        try
        {
            Append(sums, checksum, data);
            await WriteAsync(writer, data, cancellationToken);
        }
        finally
        {
            // The bytes are lent: they must not be returned while the hash still reads them.
            await hashing;
        }
    }

    private static async ValueTask WriteAsync(IBlobWriter writer, ReadOnlySequence<byte> data, CancellationToken cancellationToken)
    {
        using StageTimer timer = RequestTimes.Measure(RequestStage.Blob, "blob write");
        await writer.WriteAsync(data, cancellationToken);
    }

    private static void Append(StreamHasher md5, BlockChecksummer sums, StreamHasher? checksum, ReadOnlySequence<byte> data)
    {
        md5.Append(data);
        Append(sums, checksum, data);
    }

    private static void Append(BlockChecksummer sums, StreamHasher? checksum, ReadOnlySequence<byte> data)
    {
        foreach (ReadOnlyMemory<byte> segment in data)
        {
            sums.Append(segment.Span);
            checksum?.Append(segment.Span);
        }
    }

    private static void Verify(StagedData staged, IUploadBody body, IngestRequest request)
    {
        if (request.ContentMd5 is { } md5 && !md5.AsSpan().SequenceEqual(staged.Md5))
        {
            throw new S3Exception(S3Error.BadDigest, "The Content-MD5 you specified did not match what we received.");
        }

        byte[]? expected = request.ExpectedChecksum;
        string header = ChecksumAlgorithms.HeaderName(request.EffectiveAlgorithm);
        if (request.ChecksumInTrailer)
        {
            if (!body.Trailers.TryGetValue(header, out string? text) || !Checksum.TryParse(request.EffectiveAlgorithm, text, out expected, out int parts) || parts != 0)
            {
                throw new S3Exception(S3Error.InvalidRequest, $"Value for {header} trailing header is invalid.");
            }
        }

        if (expected is not null && !expected.AsSpan().SequenceEqual(staged.Checksum))
        {
            string name = ChecksumAlgorithms.Name(request.EffectiveAlgorithm);
            throw new S3Exception(S3Error.BadDigest, $"The {name} you specified did not match the calculated checksum.");
        }
    }

    private static S3Exception TooLarge(long length, IngestRequest request) => new(S3Error.EntityTooLarge)
    {
        Details =
        [
            new("ProposedSize", length.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            new("MaxSizeAllowed", request.MaxLength.ToString(System.Globalization.CultureInfo.InvariantCulture)),
        ],
    };
}
