using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.Hashing;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Objects.Writing;
using Tarn.Core.Records;

namespace Tarn.Core.Objects.Multipart;

/// <summary>A multipart upload in progress, as it was read.</summary>
public sealed class MultipartUpload
{
    /// <summary>The highest part number. Source: Amazon S3 User Guide, "Amazon S3 multipart upload limits".</summary>
    public const int MaxPartNumber = 10_000;

    /// <summary>The minimum size in bytes of every part but the last. Source: Amazon S3 User Guide, "Amazon S3 multipart upload limits".</summary>
    public const long MinPartSize = 5L << 20;

    private readonly byte[] _row;
    private readonly byte[] _bytes;

    internal MultipartUpload(Bucket bucket, ObjectKey key, UploadId id, byte[] row, byte[] bytes)
    {
        Bucket = bucket;
        Key = key;
        Id = id;
        _row = row;
        _bytes = bytes;
        Record = Rows.Decode(row, bytes, UploadRecord.Decode);
    }

    /// <summary>The key that the object will have.</summary>
    public ObjectKey Key { get; }

    /// <summary>The upload's id.</summary>
    public UploadId Id { get; }

    /// <summary>When the upload began, to the second.</summary>
    public DateTimeOffset Initiated => DateTimeOffset.FromUnixTimeMilliseconds(Record.Initiated);

    /// <summary>Canonical user id of the future object's owner.</summary>
    public string OwnerId => Record.OwnerId;

    /// <summary>The owner's display name.</summary>
    public string OwnerName => Record.OwnerName;

    /// <summary>Canonical user id of the principal that began the upload.</summary>
    public string InitiatorId => Record.InitiatorId ?? OwnerId;

    /// <summary>Display name of the principal that began the upload.</summary>
    public string InitiatorName => Record.InitiatorId is null ? OwnerName : Record.InitiatorName ?? "";

    /// <summary>The storage class that the object will have.</summary>
    public string StorageClass => Record.Metadata.StorageClass;

    /// <summary>The checksum algorithm that the client named; null when it named none.</summary>
    public ChecksumAlgorithm? Algorithm => Record.Algorithm;

    /// <summary>How the object's checksum is formed from those of its parts.</summary>
    public ChecksumType ChecksumType => Record.ChecksumType;

    internal UploadRecord Record { get; }

    /// <summary>The bucket as it was when the upload was read.</summary>
    internal Bucket Bucket { get; }

    /// <summary>The key of the upload's row.</summary>
    internal byte[] Row => _row;

    /// <summary>The algorithm that parts are hashed with, whether or not the client named one.</summary>
    internal ChecksumAlgorithm EffectiveAlgorithm => Algorithm ?? IngestRequest.DefaultAlgorithm;

    /// <summary>
    /// Whether the upload is still in progress. Call it after reading the parts: they are removed when the upload ends, so a missing part
    /// means nothing unless the upload still exists.
    /// </summary>
    internal async ValueTask<bool> StillStandsAsync(IKeyValueStore store, CancellationToken cancellationToken) =>
        await store.GetAsync(_row, cancellationToken) is { } now && now.AsSpan().SequenceEqual(_bytes);

    /// <summary>What the blob of a part says of itself.</summary>
    internal BlobFooter Footer(int part) => new()
    {
        BucketId = Bucket.Id, BucketName = Bucket.Name.Value, Key = Key, OwnerId = OwnerId, Metadata = Record.Metadata, Upload = Id, PartNumber = part,
    };

    /// <summary>The error for an upload that has ended.</summary>
    public S3Exception Ended() => new(S3Error.NoSuchUpload) { Details = [new("UploadId", Id.ToString())] };

    /// <summary>Makes the commit fail when the upload ended since it was read.</summary>
    internal KeyValueBatch Guard(KeyValueBatch batch) => batch.Check(_row, _bytes);

    internal KeyValueBatch Remove(KeyValueBatch batch) => Guard(batch).Delete(_row);

    /// <summary>Removes the upload and records that it was aborted; the reclaim worker removes its parts.</summary>
    internal void Abort(KeyValueBatch batch, DataOwnership ownership)
    {
        Remove(batch);
        ownership.EndUpload(batch, Bucket.Id, Id);
        ownership.RememberAbort(batch, Id, _row);
    }
}

/// <summary>One uploaded part.</summary>
/// <param name="Number">1 to 10,000.</param>
/// <param name="Size">Bytes.</param>
/// <param name="LastModified">To the second.</param>
/// <param name="ETag">The MD5 of its bytes.</param>
/// <param name="Checksum">Present when the upload names an algorithm.</param>
public sealed record UploadedPart(int Number, long Size, DateTimeOffset LastModified, ETag ETag, Checksum? Checksum)
{
    internal static UploadedPart From(PartRecord record) =>
        new(record.Number, record.Size, DateTimeOffset.FromUnixTimeMilliseconds(record.LastModified), record.ETag, record.Checksum);
}
