using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Records;

namespace Tarn.Core.Objects;

/// <summary>Deletes objects.</summary>
public sealed class ObjectDeleter
{
    private const int MaxAttempts = 200;

    private readonly IKeyValueStore _store;
    private readonly BucketCatalog _buckets;
    private readonly ObjectReader _reader;
    private readonly DataCustody _custody;

    internal ObjectDeleter(IKeyValueStore store, BucketCatalog buckets, ObjectReader reader, DataCustody custody)
    {
        _store = store;
        _buckets = buckets;
        _reader = reader;
        _custody = custody;
    }

    /// <summary>Deletes an object; one that is not there is deleted already, unless the condition asks for it.</summary>
    /// <exception cref="S3Exception">PreconditionFailed or NoSuchKey from the condition.</exception>
    public async ValueTask DeleteAsync(Bucket bucket, ObjectKey key, DeleteCondition condition, CancellationToken cancellationToken)
    {
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            StoredObject? found = await _reader.FindAsync(bucket, key, cancellationToken);
            condition.Demand(found);
            if (found is null)
            {
                return;
            }

            KeyValueBatch batch = found.Guard(bucket.Guard(new KeyValueBatch())).Delete(Tables.CurrentKey(bucket.Id, key.Utf8));
            _custody.Release(batch, found.Record.Data);
            if (await _store.CommitAsync(batch, cancellationToken))
            {
                return;
            }

            bucket = await _buckets.GetSameAsync(bucket, cancellationToken);
        }

        throw new S3Exception(S3Error.SlowDown);
    }
}

/// <summary>What must hold of an object for it to be deleted.</summary>
/// <param name="IfMatch">The entity tag that it must have, or "*"; null for no condition.</param>
/// <param name="LastModified">When it must have been modified last, to the second; null for no condition.</param>
/// <param name="Size">The bytes that it must have; null for no condition.</param>
public sealed record DeleteCondition(string? IfMatch, DateTimeOffset? LastModified = null, long? Size = null)
{
    public static DeleteCondition None { get; } = new((string?)null);

    internal void Demand(StoredObject? found)
    {
        if (IfMatch is null && LastModified is null && Size is null)
        {
            return;
        }

        if (found is null)
        {
            throw new S3Exception(S3Error.NoSuchKey);
        }

        Demand(IfMatch is null || IfMatch.Trim() == "*" || found.ETag.Matches(IfMatch), "If-Match");
        Demand(LastModified is null || LastModified.Value.ToUnixTimeSeconds() == found.LastModified.ToUnixTimeSeconds(), "x-amz-if-match-last-modified-time");
        Demand(Size is null || Size == found.Size, "x-amz-if-match-size");
    }

    private static void Demand(bool holds, string condition)
    {
        if (!holds)
        {
            throw new S3Exception(S3Error.PreconditionFailed) { Details = [new("Condition", condition)] };
        }
    }
}
