using Tarn.Core.Buckets;
using Tarn.Core.Counts;
using Tarn.Core.Errors;
using Tarn.Core.Hashing;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Objects.Reading;
using Tarn.Core.Objects.Writing;
using Tarn.Core.Records;

namespace Tarn.Core.Objects.Multipart;

/// <summary>Turns a multipart upload's parts into an object without copying their bytes.</summary>
public sealed class MultipartCompletion
{
    private const int ScanPage = 1000;

    private readonly IKeyValueStore _store;
    private readonly ObjectReader _reader;
    private readonly ObjectWriter _writer;
    private readonly MultipartUploads _uploads;
    private readonly DataOwnership _ownership;
    private readonly IRandomSource _random;

    internal MultipartCompletion(
        IKeyValueStore store, ObjectReader reader, ObjectWriter writer, MultipartUploads uploads, DataOwnership ownership,
        IRandomSource random)
    {
        _store = store;
        _reader = reader;
        _writer = writer;
        _uploads = uploads;
        _ownership = ownership;
        _random = random;
    }

    /// <summary>
    /// Completes an upload. A repeated completion gets the first one's answer as long as its object exists. Where versions are kept, the object
    /// is placed by the time the upload began, unless there is a condition: a condition applies to the object that is replaced.
    /// </summary>
    /// <exception cref="S3Exception">
    /// NoSuchUpload, InvalidPart, InvalidPartOrder, EntityTooSmall, BadDigest, InvalidRequest, or the errors of the condition;
    /// the upload is then unchanged.
    /// </exception>
    public async ValueTask<StoredObject> CompleteAsync(
        Bucket bucket, ObjectKey key, string? uploadId, CompletionRequest request, CancellationToken cancellationToken)
    {
        UploadId? id = UploadId.TryParse(uploadId, out UploadId parsed) ? parsed : null;
        var present = new PresentParts(_reader);
        try
        {
            await _writer.ThrowIfNotMetAsync(bucket, key, request.Condition, cancellationToken);
            (MultipartUpload Upload, Dictionary<int, byte[]> Rows) read = await ReadAsync(bucket, key, uploadId, cancellationToken);
            bool isRecent = await present.AreThereAsync(
                read.Upload, CompletionCheck.Select(read.Upload, request, read.Rows), read.Rows, cancellationToken);
            return await _writer.ReplaceAsync(
                bucket,
                key,
                request.Condition,
                async change =>
                {
                    read = isRecent ? read : await ReadAsync(bucket, key, uploadId, cancellationToken);
                    isRecent = false;
                    return await BuildAsync(change.Batch, read.Upload, read.Rows, request, present, cancellationToken);
                },
                cancellationToken,
                request.Condition.IsConditional ? null : id?.Place);
        }
        catch (S3Exception refusal) when (
            id is not null && (refusal.Error == S3Error.NoSuchUpload || refusal.Error == S3Error.PreconditionFailed))
        {
            if (await FindMadeAsync(bucket, key, id.Value, cancellationToken) is { } made && Repeats(request, made))
            {
                return made;
            }

            throw;
        }
    }

    /// <summary>Finds the object of an upload that was already completed, if it is current or at the place that the upload's start gives it.</summary>
    private async ValueTask<StoredObject?> FindMadeAsync(Bucket bucket, ObjectKey key, UploadId id, CancellationToken cancellationToken)
    {
        StoredObject? made = await _reader.FindAsync(bucket, key, cancellationToken);
        if (made?.Record.Upload == id)
        {
            return made;
        }

        made = bucket.Versioning == VersioningState.Never ? null : await _reader.FindAsync(bucket, key, id.Place.ToString(), cancellationToken);
        return made?.Record.Upload == id ? made : null;
    }

    /// <summary>Whether the request repeats the completion that created the object: one with other parts or another checksum does not.</summary>
    private static bool Repeats(CompletionRequest request, StoredObject made)
    {
        var md5s = new List<byte[]>(request.Parts.Count);
        foreach (CompletionPart part in request.Parts)
        {
            if (!ETag.TryParseMd5(part.ETag, out ETag etag))
            {
                return false;
            }

            md5s.Add(etag.ToMd5());
        }

        return ETag.FromMd5(MultipartETag.Compute(md5s), md5s.Count) == made.ETag
            && (request.ObjectSize is null || request.ObjectSize == made.Size)
            && (request.ChecksumType is null || request.ChecksumType == made.Checksum?.Type)
            && (request.Checksum is not { } sent || (made.Checksum?.Algorithm == sent.Algorithm && CompletionCheck.Agrees(made.Checksum, sent.Text)));
    }

    /// <returns>The object's record; null when a part was replaced or removed meanwhile.</returns>
    private async ValueTask<ObjectRecord?> BuildAsync(
        KeyValueBatch batch, MultipartUpload upload, Dictionary<int, byte[]> uploaded, CompletionRequest request, PresentParts present,
        CancellationToken cancellationToken)
    {
        List<PartRecord> parts = CompletionCheck.Select(upload, request, uploaded);
        long size = parts.Sum(p => p.Size);
        if (request.ObjectSize is { } expected && expected != size)
        {
            throw new S3Exception(S3Error.InvalidRequest, $"The provided 'x-amz-mp-object-size' header value {expected} does not match what was computed: {size}");
        }

        Checksum? checksum = CompletionCheck.Compose(upload, request, parts);
        if (!await present.AreThereAsync(upload, parts, uploaded, cancellationToken))
        {
            return null;
        }

        Id128 manifest = Id128.Create(_random);
        (List<long> starts, List<byte[]> chunks) = ManifestChunk.Divide(parts);
        for (int chunk = 0; chunk < chunks.Count; chunk++)
        {
            batch.Put(Tables.ManifestKey(manifest, chunk), chunks[chunk]);
        }

        upload.Remove(batch);
        foreach (PartRecord part in parts)
        {
            byte[] row = Tables.PartKey(upload.Id, part.Number);
            batch.Check(row, uploaded[part.Number]).Delete(row);
        }

        new BucketCounts { UploadBytes = -size }.AddTo(batch, upload.Bucket.Id);
        _ownership.EndUpload(batch, upload.Bucket.Id, upload.Id);
        return new ObjectRecord
        {
            Size = size,
            LastModified = upload.Record.Initiated,
            ETag = ETag.FromMd5(MultipartETag.Compute(parts.Select(p => p.ETag.ToMd5())), parts.Count),
            OwnerId = upload.OwnerId,
            Metadata = upload.Record.Metadata,
            Checksum = checksum,
            Data = new ObjectData.Manifest(manifest, 0, starts),
            Upload = upload.Id,
        };
    }

    /// <summary>Reads an upload and the rows of its parts, by number.</summary>
    /// <exception cref="S3Exception">NoSuchUpload.</exception>
    private async ValueTask<(MultipartUpload Upload, Dictionary<int, byte[]> Rows)> ReadAsync(
        Bucket bucket, ObjectKey key, string? uploadId, CancellationToken cancellationToken)
    {
        MultipartUpload upload = await _uploads.GetAsync(bucket, key, uploadId, cancellationToken);
        Dictionary<int, byte[]> rows = await LoadAsync(upload, cancellationToken);
        return await upload.StillStandsAsync(_store, cancellationToken) ? (upload, rows) : throw upload.Ended();
    }

    private async ValueTask<Dictionary<int, byte[]>> LoadAsync(MultipartUpload upload, CancellationToken cancellationToken)
    {
        var rows = new Dictionary<int, byte[]>();
        await foreach (KeyValueEntry row in _store.AllAsync(Tables.PartKey(upload.Id, 0), Tables.PartKey(upload.Id, int.MaxValue), ScanPage, cancellationToken))
        {
            rows[System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(row.Key.AsSpan(row.Key.Length - 4))] = row.Value;
        }

        return rows;
    }
}
