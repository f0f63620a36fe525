using Tarn.Core.Errors;
using Tarn.Core.Hashing;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Objects.Reading;
using Tarn.Core.Objects.Writing;
using Tarn.Core.Records;

namespace Tarn.Core.Objects.Multipart;

/// <summary>Stores the parts of multipart uploads.</summary>
public sealed class PartWriter
{
    private const int MaxAttempts = 200;

    private readonly IKeyValueStore _store;
    private readonly ObjectReader _reader;
    private readonly Ingest _ingest;
    private readonly DataOwnership _ownership;
    private readonly TimeProvider _clock;

    internal PartWriter(IKeyValueStore store, ObjectReader reader, Ingest ingest, DataOwnership ownership, TimeProvider clock)
    {
        _store = store;
        _reader = reader;
        _ingest = ingest;
        _ownership = ownership;
        _clock = clock;
    }

    /// <summary>Stores a part from the request's body, in place of an earlier one of its number.</summary>
    /// <exception cref="S3Exception">The body is refused, or NoSuchUpload when the upload ended meanwhile; nothing is left behind.</exception>
    public async ValueTask<UploadedPart> PutAsync(
        MultipartUpload upload, int number, IUploadBody body, IngestRequest request, CancellationToken cancellationToken)
    {
        // The client may name an algorithm with each part only as it did when it began the upload.
        if (request.Algorithm is { } algorithm && upload.Algorithm is { } declared && algorithm != declared)
        {
            throw new S3Exception(
                S3Error.InvalidRequest,
                $"Checksum Type mismatch occurred, expected checksum Type: {ChecksumAlgorithms.Name(declared).ToLowerInvariant()}, actual checksum Type: {ChecksumAlgorithms.Name(algorithm).ToLowerInvariant()}");
        }

        IngestRequest effective = request with { Algorithm = request.Algorithm ?? upload.EffectiveAlgorithm };
        await using StagedData staged = await _ingest.TakeAsync(body, effective, allowInline: false, cancellationToken);
        UploadedPart part = await ReplaceAsync(
            upload,
            number,
            async batch => new PartRecord
            {
                Number = number,
                Size = staged.Size,
                LastModified = Timestamps.Seconds(_clock),
                ETag = ETag.FromMd5(staged.Md5),
                Checksum = new Checksum(effective.EffectiveAlgorithm, ChecksumType.FullObject, staged.Checksum, 0),
                Extents = await staged.AttachExtentsAsync(batch, cancellationToken),
            },
            cancellationToken);
        staged.Keep();
        return part;
    }

    /// <summary>Stores a part that is a range of an existing object: it shares the object's data, which is read only to be hashed.</summary>
    /// <param name="upload">The upload.</param>
    /// <param name="number">The part's number.</param>
    /// <param name="findSource">Looks the source up and refuses one that may not be copied; called again when the source changed.</param>
    /// <param name="range">Which bytes of the source, given its size: first byte and count.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<UploadedPart> CopyAsync(
        MultipartUpload upload, int number, Func<ValueTask<StoredObject>> findSource,
        Func<long, (long Offset, long Length)> range, CancellationToken cancellationToken)
    {
        StagedData? staged = null;
        try
        {
            UploadedPart part = await ReplaceAsync(upload, number, BuildAsync, cancellationToken);
            staged?.Keep();
            return part;
        }
        finally
        {
            if (staged is not null)
            {
                await staged.DisposeAsync();
            }
        }

        async ValueTask<PartRecord?> BuildAsync(KeyValueBatch batch)
        {
            if (staged is not null)
            {
                // The attempt before this one took in a source that has changed since.
                await staged.DisposeAsync();
                staged = null;
            }

            StoredObject source = await findSource();
            (long offset, long length) = range(source.Size);
            if (source.Record.Data is ObjectData.Inline or ObjectData.Empty)
            {
                // A few bytes of a small object become a blob of their own: parts are always runs of blobs.
                await using IObjectContent? content = await _reader.OpenAsync(source, cancellationToken);
                if (content is null)
                {
                    await _reader.DemandReplacedAsync(source, cancellationToken);
                    return null;
                }

                ReadOnlyMemory<byte> bytes = length == 0
                    ? default
                    : (await content.RunAsync(offset, length, cancellationToken)).Memory;
                staged = await _ingest.TakeAsync(
                    new MemoryBody(bytes), new IngestRequest { Algorithm = upload.EffectiveAlgorithm }, allowInline: false, cancellationToken);
                source.Guard(batch);
                return Part(length, staged.Md5, staged.Checksum, await staged.AttachExtentsAsync(batch, cancellationToken));
            }

            using StreamHasher md5 = StreamHasher.CreateMd5();
            using StreamHasher checksum = StreamHasher.Create(upload.EffectiveAlgorithm);
            if (!await ContentHashing.AppendAsync(_reader, source, offset, length, [md5, checksum], cancellationToken))
            {
                await _reader.DemandReplacedAsync(source, cancellationToken);
                return null;
            }

            byte[] md5Value = new byte[md5.HashSize];
            md5.Finish(md5Value);
            byte[] checksumValue = new byte[checksum.HashSize];
            checksum.Finish(checksumValue);
            source.Guard(batch);
            List<Extent> extents = await _reader.ExtentsAsync(source, offset, length, cancellationToken);
            return Part(length, md5Value, checksumValue, _ownership.Share(batch, extents));
        }

        PartRecord Part(long size, byte[] md5, byte[] checksum, IReadOnlyList<Extent> extents) => new()
        {
            Number = number,
            Size = size,
            LastModified = Timestamps.Seconds(_clock),
            ETag = ETag.FromMd5(md5),
            Checksum = new Checksum(upload.EffectiveAlgorithm, ChecksumType.FullObject, checksum, 0),
            Extents = extents,
        };
    }

    /// <summary>Makes a record the part of its number; <paramref name="build"/> returns null to be asked again.</summary>
    private async ValueTask<UploadedPart> ReplaceAsync(
        MultipartUpload upload, int number, Func<KeyValueBatch, ValueTask<PartRecord?>> build, CancellationToken cancellationToken)
    {
        byte[] row = Tables.PartKey(upload.Id, number);
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            byte[]? current = await _store.GetAsync(row, cancellationToken);
            KeyValueBatch batch = upload.Guard(new KeyValueBatch()).Check(row, current);
            if (await build(batch) is not { } record)
            {
                continue;
            }

            batch.Put(row, record.Encode());
            if (current is not null)
            {
                _ownership.Release(batch, PartRecord.Decode(current).Extents);
            }

            if (await _store.CommitAsync(batch, cancellationToken))
            {
                return UploadedPart.From(record);
            }

            if (!await upload.StillStandsAsync(_store, cancellationToken))
            {
                throw upload.Ended();
            }
        }

        throw new S3Exception(S3Error.SlowDown);
    }
}
