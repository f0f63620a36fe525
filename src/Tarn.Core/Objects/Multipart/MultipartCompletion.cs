using System.Globalization;
using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.Hashing;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Objects.Reading;
using Tarn.Core.Objects.Writing;
using Tarn.Core.Records;

namespace Tarn.Core.Objects.Multipart;

/// <summary>Makes an object of a multipart upload's parts, without copying a byte of them.</summary>
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
    /// Completes an upload. Repeated, it answers as it did, as long as its object stands. Where versions are kept, the object's place
    /// among them is that of the upload's beginning, unless there is a condition: that holds of the object which is replaced.
    /// </summary>
    /// <exception cref="S3Exception">
    /// NoSuchUpload, InvalidPart, InvalidPartOrder, EntityTooSmall, BadDigest, InvalidRequest, or what the condition refuses;
    /// the upload then stays as it was.
    /// </exception>
    public async ValueTask<StoredObject> CompleteAsync(
        Bucket bucket, ObjectKey key, string? uploadId, CompletionRequest request, CancellationToken cancellationToken)
    {
        UploadId? id = UploadId.TryParse(uploadId, out UploadId parsed) ? parsed : null;
        try
        {
            return await _writer.ReplaceAsync(
                bucket,
                key,
                request.Condition,
                async change =>
                {
                    MultipartUpload upload = await _uploads.GetAsync(bucket, key, uploadId, cancellationToken);
                    Dictionary<int, byte[]> uploaded = await LoadAsync(upload, cancellationToken);
                    return await upload.StillStandsAsync(_store, cancellationToken) ? Build(change.Batch, upload, uploaded, request) : throw upload.Ended();
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

    /// <summary>What an upload that was completed made, if it is the current object or where the upload's beginning places it.</summary>
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

    /// <summary>Whether a completion asks for what was made: one that names other parts or another checksum is no repetition.</summary>
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
            && (request.Checksum is not { } sent || (made.Checksum?.Algorithm == sent.Algorithm && Agrees(made.Checksum, sent.Text)));
    }

    private ObjectRecord Build(KeyValueBatch batch, MultipartUpload upload, Dictionary<int, byte[]> uploaded, CompletionRequest request)
    {
        List<PartRecord> parts = Select(upload, request, uploaded);
        long size = parts.Sum(p => p.Size);
        if (request.ObjectSize is { } expected && expected != size)
        {
            throw new S3Exception(S3Error.InvalidRequest, $"The provided 'x-amz-mp-object-size' header value {expected} does not match what was computed: {size}");
        }

        Checksum? checksum = Compose(upload, request, parts);
        upload.Remove(batch);
        foreach (PartRecord part in parts)
        {
            byte[] row = Tables.PartKey(upload.Id, part.Number);
            batch.Check(row, uploaded[part.Number]).Delete(row);
        }

        _ownership.EndUpload(batch, upload.Id);
        return new ObjectRecord
        {
            Size = size,
            LastModified = upload.Record.Initiated,
            ETag = ETag.FromMd5(MultipartETag.Compute(parts.Select(p => p.ETag.ToMd5())), parts.Count),
            OwnerId = upload.OwnerId,
            Metadata = upload.Record.Metadata,
            Checksum = checksum,
            Data = WriteManifest(batch, upload, parts),
            Upload = upload.Id,
        };
    }

    private async ValueTask<Dictionary<int, byte[]>> LoadAsync(MultipartUpload upload, CancellationToken cancellationToken)
    {
        var rows = new Dictionary<int, byte[]>();
        byte[] from = Tables.PartKey(upload.Id, 0);
        byte[] end = Tables.PartKey(upload.Id, int.MaxValue);
        while (true)
        {
            IReadOnlyList<KeyValueEntry> page = await _store.ScanAsync(from, end, ScanPage, reverse: false, cancellationToken);
            foreach (KeyValueEntry row in page)
            {
                rows[System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(row.Key.AsSpan(row.Key.Length - 4))] = row.Value;
            }

            if (page.Count < ScanPage)
            {
                return rows;
            }

            from = [.. page[^1].Key, 0];
        }
    }

    /// <summary>The parts that the client names, in order, each checked against what was uploaded.</summary>
    private static List<PartRecord> Select(MultipartUpload upload, CompletionRequest request, Dictionary<int, byte[]> uploaded)
    {
        var parts = new List<PartRecord>(request.Parts.Count);
        foreach (CompletionPart named in request.Parts)
        {
            if (parts.Count > 0 && named.Number <= parts[^1].Number)
            {
                throw new S3Exception(S3Error.InvalidPartOrder) { Details = [new("UploadId", upload.Id.ToString())] };
            }

            if (!uploaded.TryGetValue(named.Number, out byte[]? bytes))
            {
                throw InvalidPart(upload, named);
            }

            PartRecord part = PartRecord.Decode(bytes);
            if (!part.ETag.Matches(named.ETag))
            {
                throw InvalidPart(upload, named);
            }

            CheckPartChecksum(upload, named, part);
            parts.Add(part);
        }

        for (int i = 0; i < parts.Count - 1; i++)
        {
            if (parts[i].Size < MultipartUpload.MinPartSize)
            {
                throw new S3Exception(S3Error.EntityTooSmall)
                {
                    Details =
                    [
                        new("ProposedSize", parts[i].Size.ToString(CultureInfo.InvariantCulture)),
                        new("MinSizeAllowed", MultipartUpload.MinPartSize.ToString(CultureInfo.InvariantCulture)),
                        new("PartNumber", parts[i].Number.ToString(CultureInfo.InvariantCulture)),
                        new("ETag", parts[i].ETag.ToString()),
                    ],
                };
            }
        }

        return parts;
    }

    private static void CheckPartChecksum(MultipartUpload upload, CompletionPart named, PartRecord part)
    {
        foreach ((ChecksumAlgorithm algorithm, string text) in named.Checksums)
        {
            if (part.Checksum is { } kept && kept.Algorithm == algorithm && kept.ToString() != text)
            {
                throw InvalidPart(upload, named);
            }

            if (upload.Algorithm is { } declared && declared != algorithm)
            {
                throw new S3Exception(S3Error.BadDigest, $"The {ChecksumAlgorithms.Name(algorithm).ToLowerInvariant()} you specified for part {named.Number} did not match what we received.");
            }
        }

        if (upload.Algorithm is { } needed && upload.ChecksumType == ChecksumType.Composite && !named.Checksums.ContainsKey(needed))
        {
            string name = ChecksumAlgorithms.Name(needed).ToLowerInvariant();
            throw new S3Exception(
                S3Error.InvalidRequest,
                $"The upload was created using a {name} checksum. The complete request must include the checksum for each part. It was missing for part {named.Number} in the request.");
        }
    }

    private static Checksum? Compose(MultipartUpload upload, CompletionRequest request, List<PartRecord> parts)
    {
        if (request.ChecksumType is { } type && type != upload.ChecksumType)
        {
            throw new S3Exception(S3Error.InvalidRequest, "The upload was created using a different checksum type than the complete request names.");
        }

        // A client that named no algorithm for the upload may have named one for a part.
        ChecksumAlgorithm algorithm = upload.EffectiveAlgorithm;
        bool whole = parts.All(p => p.Checksum?.Algorithm == algorithm);
        Checksum? checksum = null;
        if (whole)
        {
            checksum = upload.ChecksumType == ChecksumType.Composite
                ? new Checksum(algorithm, ChecksumType.Composite, CompositeChecksum.OfParts(algorithm, parts.Select(p => p.Checksum!.Value)), parts.Count)
                : new Checksum(algorithm, ChecksumType.FullObject, CompositeChecksum.FullObject(algorithm, parts.Select(p => (p.Checksum!.Value, p.Size))), 0);
        }

        if (request.Checksum is { } expected && (checksum is null || checksum.Algorithm != expected.Algorithm || !Agrees(checksum, expected.Text)))
        {
            throw new S3Exception(S3Error.BadDigest, $"The {ChecksumAlgorithms.Name(expected.Algorithm).ToLowerInvariant()} you specified did not match the calculated checksum.");
        }

        return checksum;
    }

    /// <summary>Clients send a composite checksum with its part count or without.</summary>
    private static bool Agrees(Checksum checksum, string text) =>
        checksum.ToString() == text || Convert.ToBase64String(checksum.Value) == text;

    private ObjectData.Manifest WriteManifest(KeyValueBatch batch, MultipartUpload upload, List<PartRecord> parts)
    {
        Id128 id = Id128.Create(_random);
        var starts = new List<long>();
        long offset = 0;
        for (int i = 0; i < parts.Count; i += ManifestChunk.Capacity)
        {
            List<PartRecord> chunk = parts.GetRange(i, Math.Min(ManifestChunk.Capacity, parts.Count - i));
            batch.Put(Tables.ManifestKey(id, starts.Count), ManifestChunk.Encode(chunk));
            starts.Add(offset);
            offset += chunk.Sum(p => p.Size);
        }

        return new ObjectData.Manifest(id, 0, starts);
    }

    private static S3Exception InvalidPart(MultipartUpload upload, CompletionPart part) => new(S3Error.InvalidPart)
    {
        Details =
        [
            new("UploadId", upload.Id.ToString()),
            new("PartNumber", part.Number.ToString(CultureInfo.InvariantCulture)),
            new("ETag", part.ETag.Trim('"')),
        ],
    };
}
