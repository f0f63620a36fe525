using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.KeyValue;

namespace Tarn.Core.Objects;

/// <summary>Sets the tags of a version in place.</summary>
public sealed class ObjectTagger
{
    private const int MaxAttempts = 200;

    private readonly IKeyValueStore _store;
    private readonly BucketCatalog _buckets;

    internal ObjectTagger(IKeyValueStore store, BucketCatalog buckets)
    {
        _store = store;
        _buckets = buckets;
    }

    /// <summary>Replaces all tags of a version.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="find">Looks the version up and refuses one that has no tags; called again when it changed.</param>
    /// <param name="tags">The new tags; none to remove all.</param>
    /// <param name="cancellationToken">Gives up between attempts.</param>
    public async ValueTask<StoredObject> SetAsync(
        Bucket bucket, Func<ValueTask<StoredObject>> find, IReadOnlyList<KeyValuePair<string, string>> tags, CancellationToken cancellationToken)
    {
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            StoredObject found = await find();
            KeyValueBatch batch = found.Guard(bucket.Guard(new KeyValueBatch()));
            batch.Put(found.Row, (found.Record with { Metadata = found.Metadata with { Tags = tags } }).Encode());
            if (await _store.CommitAsync(batch, cancellationToken))
            {
                return found;
            }

            bucket = await _buckets.GetSameAsync(bucket, cancellationToken);
        }

        throw new S3Exception(S3Error.SlowDown);
    }
}
