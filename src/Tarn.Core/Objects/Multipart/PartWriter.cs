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
    private readonly IKeyValueStore _store;
    private readonly OptimisticTransaction _transactions;
    private readonly ObjectReader _reader;
    private readonly Ingest _ingest;
    private readonly DataOwnership _ownership;
    private readonly TimeProvider _clock;

    internal PartWriter(
        IKeyValueStore store, OptimisticTransaction transactions, ObjectReader reader, Ingest ingest, DataOwnership ownership, TimeProvider clock)
    {
        _store = store;
        _transactions = transactions;
        _reader = reader;
        _ingest = ingest;
        _ownership = ownership;
        _clock = clock;
    }

    /// <summary>Stores a part from the request's body, replacing an earlier part with the same number.</summary>
    /// <exception cref="S3Exception">The body's errors, or NoSuchUpload when the upload ended meanwhile; nothing is left behind.</exception>
    public async ValueTask<UploadedPart> PutAsync(
        MultipartUpload upload, int number, IUploadBody body, IngestRequest request, CancellationToken cancellationToken)
    {
        // A part's algorithm must be the one that the upload began with.
        if (request.Algorithm is { } algorithm && upload.Algorithm is { } declared && algorithm != declared)
        {
            throw new S3Exception(
                S3Error.InvalidRequest,
                $"Checksum Type mismatch occurred, expected checksum Type: {ChecksumAlgorithms.Name(declared).ToLowerInvariant()}, actual checksum Type: {ChecksumAlgorithms.Name(algorithm).ToLowerInvariant()}");
        }

        IngestRequest effective = request with { Algorithm = request.Algorithm ?? upload.EffectiveAlgorithm };
        await using StagedData staged = await _ingest.TakeAsync(body, effective, upload.Footer(number), allowInline: false, cancellationToken);
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

    /// <summary>Stores a range of an existing object as a part: the part shares the object's data, which is read only to be hashed.</summary>
    /// <param name="upload">The upload.</param>
    /// <param name="number">The part's number.</param>
    /// <param name="findSource">Looks up the source and throws if it may not be copied; called again when the source changed.</param>
    /// <param name="range">The first byte and the count of bytes to copy, given the source's size.</param>
    /// <param name="cancellationToken">Cancels the operation until the commit is submitted.</param>
    public async ValueTask<UploadedPart> CopyAsync(
        MultipartUpload upload, int number, Func<ValueTask<StoredObject>> findSource,
        Func<long, (long Offset, long Length)> range, CancellationToken cancellationToken)
    {
        await using var copied = new CopiedRange(_reader, _ingest, _ownership, upload.Footer(number), upload.EffectiveAlgorithm, range);

        // Read before queueing for the part, so that nobody waits for it, and again only if the source has changed by then.
        await copied.ReadAsync(await findSource(), cancellationToken);
        UploadedPart part = await ReplaceAsync(upload, number, BuildAsync, cancellationToken);
        copied.Keep();
        return part;

        async ValueTask<PartRecord?> BuildAsync(KeyValueBatch batch)
        {
            StoredObject source = await findSource();
            if (!await copied.ReadAsync(source, cancellationToken))
            {
                await _reader.ThrowIfDataLostAsync(source, cancellationToken);
                return null;
            }

            source.Guard(batch);
            return new PartRecord
            {
                Number = number,
                Size = copied.Length,
                LastModified = Timestamps.Seconds(_clock),
                ETag = ETag.FromMd5(copied.Md5),
                Checksum = new Checksum(upload.EffectiveAlgorithm, ChecksumType.FullObject, copied.Checksum, 0),
                Extents = await copied.AttachAsync(batch, cancellationToken),
            };
        }
    }

    /// <summary>Stores a record as the part with its number; <paramref name="build"/> returns null to be called again.</summary>
    private ValueTask<UploadedPart> ReplaceAsync(
        MultipartUpload upload, int number, Func<KeyValueBatch, ValueTask<PartRecord?>> build, CancellationToken cancellationToken)
    {
        byte[] row = Tables.PartKey(upload.Id, number);
        return _transactions.RunAsync(
            row,
            async attempt =>
            {
                if (attempt.LostRace && !await upload.StillStandsAsync(_store, cancellationToken))
                {
                    throw upload.Ended();
                }

                byte[]? current = await _store.GetAsync(row, cancellationToken);
                KeyValueBatch batch = upload.Guard(new KeyValueBatch()).Check(row, current);
                if (await build(batch) is not { } record)
                {
                    return Decision.Stale<UploadedPart>();
                }

                batch.Put(row, record.Encode());
                record.Counts.AddTo(batch, upload.Bucket.Id);
                if (current is not null)
                {
                    PartRecord replaced = Rows.Decode(row, current, PartRecord.Decode);
                    _ownership.Release(batch, replaced.Extents);
                    (-replaced.Counts).AddTo(batch, upload.Bucket.Id);
                }

                return Decision.Commit(batch, UploadedPart.From(record));
            },
            cancellationToken);
    }
}
