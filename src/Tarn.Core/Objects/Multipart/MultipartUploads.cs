using Tarn.Core.Buckets;
using Tarn.Core.Counts;
using Tarn.Core.Errors;
using Tarn.Core.Hashing;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Objects.Writing;
using Tarn.Core.Records;

namespace Tarn.Core.Objects.Multipart;

/// <summary>Begins, finds, lists and aborts multipart uploads.</summary>
public sealed class MultipartUploads
{
    private readonly IKeyValueStore _store;
    private readonly KeyTransaction _keys;
    private readonly TimeProvider _clock;
    private readonly IRandomSource _random;
    private readonly DataOwnership _ownership;

    internal MultipartUploads(IKeyValueStore store, KeyTransaction keys, TimeProvider clock, IRandomSource random, DataOwnership ownership)
    {
        _store = store;
        _keys = keys;
        _clock = clock;
        _random = random;
        _ownership = ownership;
    }

    /// <summary>Begins an upload.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key that the object will have.</param>
    /// <param name="ownerId">Canonical user id of the object's owner.</param>
    /// <param name="ownerName">The owner's display name.</param>
    /// <param name="metadata">The object's metadata.</param>
    /// <param name="algorithm">The checksum algorithm that the client named; null when it named none.</param>
    /// <param name="type">How the object's checksum is formed from those of its parts.</param>
    /// <param name="cancellationToken">Cancels the operation until the commit is submitted.</param>
    /// <param name="initiator">Id and display name of the principal that begins the upload; null when that is the owner.</param>
    /// <param name="condition">What must hold of the current object now. The completion has a condition of its own.</param>
    /// <exception cref="S3Exception">PreconditionFailed or NoSuchKey: the condition does not hold; NoSuchBucket; OperationAborted; SlowDown.</exception>
    public async ValueTask<MultipartUpload> CreateAsync(
        Bucket bucket, ObjectKey key, string ownerId, string ownerName, ObjectMetadata metadata,
        ChecksumAlgorithm? algorithm, ChecksumType type, CancellationToken cancellationToken, (string Id, string Name)? initiator = null, WriteCondition? condition = null)
    {
        bool conditional = condition is { IsConditional: true };
        KeyState? state = bucket.Versioning == VersioningState.Enabled || conditional
            ? await KeyState.ReadAsync(_store, bucket, key, cancellationToken)
            : null;
        if (conditional)
        {
            condition!.ThrowIfNotMet(state!.Live, conflict: false);
        }

        VersionId? newest = bucket.Versioning == VersioningState.Enabled ? state!.Newest?.EffectiveOrder : null;
        UploadId id = UploadId.Create(_clock, _random, newest);
        byte[] bytes = new UploadRecord
        {
            Initiated = Timestamps.Seconds(_clock),
            OwnerId = ownerId,
            OwnerName = ownerName,
            InitiatorId = initiator?.Id,
            InitiatorName = initiator?.Name,
            Metadata = metadata,
            Algorithm = algorithm,
            ChecksumType = type,
        }.Encode();
        return await _keys.RunAsync(
            bucket,
            key,
            change =>
            {
                byte[] row = Tables.UploadKey(bucket.Id, key, id);
                change.Bucket.Guard(change.Batch).Put(row, bytes);
                BucketCounts.Upload.AddTo(change.Batch, bucket.Id);
                return ValueTask.FromResult(change.Commit(new MultipartUpload(bucket, key, id, row, bytes)));
            },
            cancellationToken);
    }

    /// <summary>Finds an upload in progress; null when there is none.</summary>
    public async ValueTask<MultipartUpload?> FindAsync(Bucket bucket, ObjectKey key, UploadId id, CancellationToken cancellationToken)
    {
        byte[] row = Tables.UploadKey(bucket.Id, key, id);
        byte[]? bytes = await _store.GetAsync(row, cancellationToken);
        return bytes is null ? null : new MultipartUpload(bucket, key, id, row, bytes);
    }

    /// <summary>Finds an upload in progress by its id as text.</summary>
    /// <exception cref="S3Exception">NoSuchUpload.</exception>
    public async ValueTask<MultipartUpload> GetAsync(Bucket bucket, ObjectKey key, string? id, CancellationToken cancellationToken)
    {
        MultipartUpload? upload = UploadId.TryParse(id, out UploadId parsed)
            ? await FindAsync(bucket, key, parsed, cancellationToken)
            : null;
        return upload ?? throw new S3Exception(S3Error.NoSuchUpload) { Details = [new("UploadId", id ?? "")] };
    }

    /// <summary>Aborts an upload and releases its parts; false when it had already ended.</summary>
    public ValueTask<bool> AbortAsync(MultipartUpload upload, CancellationToken cancellationToken) =>
        _keys.TryAsync(batch => upload.Abort(batch.AsRemoval(), _ownership), cancellationToken);

    /// <summary>Whether an upload was aborted within the last day.</summary>
    public async ValueTask<bool> WasAbortedAsync(Bucket bucket, ObjectKey key, string? id, CancellationToken cancellationToken) =>
        UploadId.TryParse(id, out UploadId parsed)
        && await _store.GetAsync(Tables.AbortedUploadKey(parsed.Value), cancellationToken) is { } row
        && row.AsSpan().SequenceEqual(Tables.UploadKey(bucket.Id, key, parsed));

    /// <summary>Lists the parts after a number, in order.</summary>
    /// <exception cref="S3Exception">NoSuchUpload when the upload ended meanwhile.</exception>
    public async ValueTask<IReadOnlyList<UploadedPart>> ListPartsAsync(
        MultipartUpload upload, int after, int limit, CancellationToken cancellationToken)
    {
        IReadOnlyList<KeyValueEntry> rows = await _store.ScanAsync(
            Tables.PartKey(upload.Id, after + 1), Tables.PartKey(upload.Id, MultipartUpload.MaxPartNumber + 1), limit, reverse: false, cancellationToken);
        return await upload.StillStandsAsync(_store, cancellationToken)
            ? rows.Select(row => UploadedPart.From(Rows.Decode(row.Key, row.Value, PartRecord.Decode))).ToList()
            : throw upload.Ended();
    }

    /// <summary>Lists one page of a bucket's uploads in progress, by key and then by upload id.</summary>
    public async ValueTask<UploadPage> ListAsync(Bucket bucket, UploadQuery query, CancellationToken cancellationToken)
    {
        var page = new UploadPage();
        if (query.MaxUploads == 0)
        {
            return page;
        }

        byte[] table = Tables.UploadTable(bucket.Id);
        byte[] begin = [.. table, .. Tables.KeyStart(query.Prefix)];
        byte[] end = KeyCodec.PrefixEnd(begin);
        byte[] from = First(bucket, query);
        if (from.AsSpan().SequenceCompareTo(begin) < 0)
        {
            from = begin;
        }

        while (page.Count <= query.MaxUploads && from.AsSpan().SequenceCompareTo(end) < 0)
        {
            int limit = query.Delimiter.Length == 0 ? query.MaxUploads + 1 : 16;
            IReadOnlyList<KeyValueEntry> rows = await _store.ScanAsync(from, end, limit, reverse: false, cancellationToken);
            byte[]? next = null;
            foreach (KeyValueEntry row in rows)
            {
                KeyReader rest = KeyCodec.Read(row.Key.AsSpan(table.Length));
                byte[] key = rest.Terminated();
                var id = new UploadId(Id128.Read(rest.Raw(Id128.Size)));
                int at = query.Delimiter.Length == 0 ? -1 : key.AsSpan(query.Prefix.Length).IndexOf(query.Delimiter);
                byte[]? common = at < 0 ? null : key[..(query.Prefix.Length + at + query.Delimiter.Length)];
                if (common is null || query.KeyMarker is not { } marker || !common.AsSpan().SequenceEqual(marker))
                {
                    if (page.Count == query.MaxUploads)
                    {
                        page.IsTruncated = true;
                        return page;
                    }

                    page.Add(common, common is null ? new MultipartUpload(bucket, ObjectKey.FromUtf8(key), id, row.Key, row.Value) : null);
                }

                if (common is not null)
                {
                    next = KeyCodec.PrefixEnd((byte[])[.. table, .. Tables.KeyStart(common)]);
                    break;
                }
            }

            if (next is null && rows.Count < limit)
            {
                return page;
            }

            from = next ?? [.. rows[^1].Key, 0];
        }

        return page;
    }

    private static byte[] First(Bucket bucket, UploadQuery query)
    {
        if (query.KeyMarker is not { } marker)
        {
            return Tables.UploadTable(bucket.Id);
        }

        ObjectKey key = ObjectKey.FromUtf8(marker);
        return query.UploadIdMarker is { } id
            ? [.. Tables.UploadKey(bucket.Id, key, id), 0]
            : KeyCodec.PrefixEnd(Tables.UploadPrefix(bucket.Id, key));
    }
}
