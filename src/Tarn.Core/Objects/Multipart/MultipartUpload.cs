using Tarn.Core.Errors;
using Tarn.Core.Hashing;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Objects.Writing;

namespace Tarn.Core.Objects.Multipart;

/// <summary>A multipart upload in progress, as it was read.</summary>
public sealed class MultipartUpload
{
    /// <summary>Source: Amazon S3 User Guide, "Multipart upload limits".</summary>
    public const int MaxPartNumber = 10_000;

    /// <summary>Bytes that every part but the last must have.</summary>
    public const long MinPartSize = 5L << 20;

    private readonly byte[] _row;
    private readonly byte[] _bytes;

    internal MultipartUpload(ObjectKey key, UploadId id, byte[] row, byte[] bytes)
    {
        Key = key;
        Id = id;
        _row = row;
        _bytes = bytes;
        Record = UploadRecord.Decode(bytes);
    }

    public ObjectKey Key { get; }

    public UploadId Id { get; }

    public DateTimeOffset Initiated => DateTimeOffset.FromUnixTimeMilliseconds(Record.Initiated);

    public string OwnerId => Record.OwnerId;

    public string OwnerName => Record.OwnerName;

    /// <summary>Canonical user id of who began the upload.</summary>
    public string InitiatorId => Record.InitiatorId ?? OwnerId;

    public string InitiatorName => Record.InitiatorId is null ? OwnerName : Record.InitiatorName ?? "";

    public string StorageClass => Record.Metadata.StorageClass;

    /// <summary>The checksum algorithm that the client named; null for none.</summary>
    public ChecksumAlgorithm? Algorithm => Record.Algorithm;

    public ChecksumType ChecksumType => Record.ChecksumType;

    internal UploadRecord Record { get; }

    /// <summary>The key of the upload's row.</summary>
    internal byte[] Row => _row;

    /// <summary>What parts are hashed with, whether or not the client asked.</summary>
    internal ChecksumAlgorithm EffectiveAlgorithm => Algorithm ?? IngestRequest.DefaultAlgorithm;

    /// <summary>
    /// Whether the upload had not ended since it was read. To be asked after its parts were read: they go when it ends, so parts
    /// that are missing mean nothing unless it then still stands.
    /// </summary>
    internal async ValueTask<bool> StillStandsAsync(IKeyValueStore store, CancellationToken cancellationToken) =>
        await store.GetAsync(_row, cancellationToken) is { } now && now.AsSpan().SequenceEqual(_bytes);

    /// <summary>The answer when it does not.</summary>
    public S3Exception Ended() => new(S3Error.NoSuchUpload) { Details = [new("UploadId", Id.ToString())] };

    /// <summary>Makes the commit fail when the upload ended since it was read.</summary>
    internal KeyValueBatch Guard(KeyValueBatch batch) => batch.Check(_row, _bytes);

    internal KeyValueBatch Remove(KeyValueBatch batch) => Guard(batch).Delete(_row);

    /// <summary>Removes the upload and remembers that it was aborted; its parts go to the reclaim worker.</summary>
    internal void Abort(KeyValueBatch batch, DataOwnership ownership)
    {
        Remove(batch);
        ownership.EndUpload(batch, Id);
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
