using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;

namespace Tarn.Core.Objects.Writing;

/// <summary>Changes what may change of a version in place: its tags and its access control list.</summary>
public sealed class ObjectAmender
{
    private const int MaxAttempts = 200;

    private readonly IKeyValueStore _store;
    private readonly BucketCatalog _buckets;

    internal ObjectAmender(IKeyValueStore store, BucketCatalog buckets)
    {
        _store = store;
        _buckets = buckets;
    }

    /// <summary>Replaces all tags of a version.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="find">Looks the version up and refuses one that has no tags; called again when it changed.</param>
    /// <param name="tags">The new tags; none to remove all.</param>
    /// <param name="cancellationToken">Gives up between attempts.</param>
    public ValueTask<StoredObject> SetTagsAsync(
        Bucket bucket, Func<ValueTask<StoredObject>> find, IReadOnlyList<KeyValuePair<string, string>> tags, CancellationToken cancellationToken) =>
        ChangeAsync(
            bucket,
            find,
            found => found.Metadata with { Tags = tags },
            tags.Count == 0 ? found => found.Metadata.Tags.Count > 0 : null,
            cancellationToken);

    /// <summary>Replaces the access control list of a version.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="find">Looks the version up and refuses one that has no list; called again when it changed.</param>
    /// <param name="acl">The new list; null when the owner alone may do anything.</param>
    /// <param name="cancellationToken">Gives up between attempts.</param>
    public ValueTask<StoredObject> SetAclAsync(
        Bucket bucket, Func<ValueTask<StoredObject>> find, AccessControlList? acl, CancellationToken cancellationToken) =>
        ChangeAsync(bucket, find, found => found.Metadata with { Acl = acl }, acl is null ? found => found.Metadata.Acl is not null : null, cancellationToken);

    /// <param name="hasMore">
    /// Of a removal: whether there is something to remove. Where there is not nothing is written, since removals may use the room that is kept
    /// for them, and a repeated one would use it up. Null for what is no removal.
    /// </param>
    private async ValueTask<StoredObject> ChangeAsync(
        Bucket bucket, Func<ValueTask<StoredObject>> find, Func<StoredObject, ObjectMetadata> change, Func<StoredObject, bool>? hasMore,
        CancellationToken cancellationToken)
    {
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            StoredObject found = await find();
            KeyValueBatch batch = found.Guard(bucket.Guard(new KeyValueBatch()));
            if (hasMore is not null)
            {
                batch.AsRemoval();
                if (!hasMore(found))
                {
                    return found;
                }
            }

            batch.Put(found.Row, (found.Record with { Metadata = change(found) }).Encode());
            if (await _store.CommitAsync(batch, cancellationToken))
            {
                return found;
            }

            bucket = await _buckets.GetSameAsync(bucket, cancellationToken);
        }

        throw new S3Exception(S3Error.SlowDown);
    }
}
