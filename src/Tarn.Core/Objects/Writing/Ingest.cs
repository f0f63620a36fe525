using System.Buffers;
using Tarn.Core.Blobs;
using Tarn.Core.Errors;
using Tarn.Core.Hashing;
using Tarn.Core.Model;
using Tarn.Core.Objects.Ownership;

namespace Tarn.Core.Objects.Writing;

/// <summary>
/// Receives an upload's bytes: hashes them, stages them (a small upload in memory, for its own row; a larger one as a blob),
/// and checks every digest the client gave. Nothing refers to what it stores until the caller commits the staged data.
/// </summary>
internal sealed class Ingest(IBlobStore blobs, DataOwnership ownership, IRandomSource random, int inlineLimit)
{
    /// <summary>
    /// For fewer bytes than this, handing the MD5 to another thread costs more than it gains. The body's length counts, not the
    /// current run's: runs only grow because bytes arrive while another thread still hashes the previous ones.
    /// </summary>
    private const int ParallelHashThreshold = 128 * 1024;

    /// <param name="body">The upload.</param>
    /// <param name="request">What to check it against.</param>
    /// <param name="allowInline">Whether a small upload may be stored inline, outside the blob store.</param>
    /// <param name="cancellationToken">Cancels the upload; nothing is left behind.</param>
    /// <exception cref="S3Exception">EntityTooLarge, BadDigest, InvalidRequest, StorageFull, or the body's own errors.</exception>
    public async ValueTask<StagedData> TakeAsync(IUploadBody body, IngestRequest request, bool allowInline, CancellationToken cancellationToken)
    {
        if (body.Length > request.MaxLength)
        {
            throw TooLarge(body.Length.Value, request);
        }

        int limit = allowInline ? inlineLimit : 0;
        var staged = new StagedData(ownership);
        try
        {
            if (body.Length > limit || !allowInline)
            {
                await TakeBlobAsync(staged, body, ReadOnlyMemory<byte>.Empty, request, cancellationToken);
            }
            else
            {
                await TakeSmallAsync(staged, body, limit, request, cancellationToken);
            }

            Verify(staged, body, request);
            await staged.MakeDurableAsync(cancellationToken);
            return staged;
        }
        catch
        {
            await staged.DisposeAsync();
            throw;
        }
    }

    /// <summary>Creates the id of a row for the bytes of a small upload.</summary>
    public Id128 NewRowId() => Id128.Create(random);

    /// <summary>Creates the random part of a new version's id.</summary>
    public ulong NewVersionRandom() => random.NextUInt64();

    private async ValueTask TakeSmallAsync(
        StagedData staged, IUploadBody body, int limit, IngestRequest request, CancellationToken cancellationToken)
    {
        var buffer = new ArrayBufferWriter<byte>((int)Math.Max(1, body.Length ?? 4096));
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
                await TakeBlobAsync(staged, body, buffer.WrittenMemory, request, cancellationToken);
                return;
            }
        }

        using StreamHasher md5 = StreamHasher.CreateMd5();
        using StreamHasher checksum = StreamHasher.Create(request.EffectiveAlgorithm);
        md5.Append(buffer.WrittenSpan);
        checksum.Append(buffer.WrittenSpan);
        staged.Finish(buffer.WrittenCount, md5, checksum);
        if (buffer.WrittenCount > 0)
        {
            staged.Inline = buffer.WrittenSpan.ToArray();
        }
    }

    private async ValueTask TakeBlobAsync(
        StagedData staged, IUploadBody body, ReadOnlyMemory<byte> already, IngestRequest request, CancellationToken cancellationToken)
    {
        BlobId id = BlobId.Create(random);
        staged.Pending = await ownership.AnnounceAsync(id, cancellationToken);
        IBlobWriter writer = staged.Writer = await blobs.CreateAsync(id, body.Length, cancellationToken);
        using StreamHasher md5 = StreamHasher.CreateMd5();
        using StreamHasher checksum = StreamHasher.Create(request.EffectiveAlgorithm);
        bool hashBeside = body.Length is not < ParallelHashThreshold;
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

                await StoreAsync(writer, md5, checksum, data, hashBeside, cancellationToken);
            }

            data = await body.ReadAsync(cancellationToken);
            if (data.IsEmpty)
            {
                break;
            }
        }

        staged.Finish(length, md5, checksum);
    }

    /// <summary>MD5 is slower than everything else together, so for larger runs it is computed in parallel with the write.</summary>
    private static async ValueTask StoreAsync(
        IBlobWriter writer, StreamHasher md5, StreamHasher checksum, ReadOnlySequence<byte> data, bool hashBeside, CancellationToken cancellationToken)
    {
        if (!hashBeside)
        {
            Append(md5, data);
            Append(checksum, data);
            await writer.WriteAsync(data, cancellationToken);
            return;
        }

        Task hashing = Task.Run(() => Append(md5, data), CancellationToken.None);
        try
        {
            Append(checksum, data);
            await writer.WriteAsync(data, cancellationToken);
        }
        finally
        {
            // The bytes are lent: they must not be returned while the hash still reads them.
            await hashing;
        }
    }

    private static void Append(StreamHasher hasher, ReadOnlySequence<byte> data)
    {
        foreach (ReadOnlyMemory<byte> segment in data)
        {
            hasher.Append(segment.Span);
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
