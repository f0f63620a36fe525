using Tarn.Core.Buckets;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;

namespace Tarn.Core.Objects.Writing;

/// <summary>Changes a version's tags and access control list in place.</summary>
public sealed class ObjectAmender
{
    private readonly KeyTransaction _keys;

    internal ObjectAmender(KeyTransaction keys) => _keys = keys;

    /// <summary>Replaces all tags of a version.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The version's key.</param>
    /// <param name="find">Looks up the version and throws if it cannot have tags; called again when it changed.</param>
    /// <param name="tags">The new tags; empty to remove all.</param>
    /// <param name="cancellationToken">Cancels the operation until the commit is submitted.</param>
    public ValueTask<StoredObject> SetTagsAsync(
        Bucket bucket, ObjectKey key, Func<ValueTask<StoredObject>> find, IReadOnlyList<KeyValuePair<string, string>> tags, CancellationToken cancellationToken) =>
        SetTagsAsync(bucket, key, find, _ => tags, isRemoval: tags.Count == 0, also: null, cancellationToken);

    /// <summary>Replaces all tags of a version by tags that may depend on those that it has.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The version's key.</param>
    /// <param name="find">Looks up the version and throws if it cannot have tags; called again when it changed.</param>
    /// <param name="tags">Returns the new tags.</param>
    /// <param name="isRemoval">Whether all tags are removed.</param>
    /// <param name="also">Adds rows of its own to the change, once for each attempt; not called when there is nothing to remove. Null for none.</param>
    /// <param name="cancellationToken">Cancels the operation until the commit is submitted.</param>
    public ValueTask<StoredObject> SetTagsAsync(
        Bucket bucket, ObjectKey key, Func<ValueTask<StoredObject>> find, Func<StoredObject, IReadOnlyList<KeyValuePair<string, string>>> tags, bool isRemoval,
        Action<KeyValueBatch>? also, CancellationToken cancellationToken) =>
        ChangeAsync(
            bucket,
            key,
            find,
            found => found.Metadata with { Tags = tags(found) },
            isRemoval ? found => found.Metadata.Tags.Count > 0 : null,
            cancellationToken,
            also);

    /// <summary>Replaces the access control list of a version.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The version's key.</param>
    /// <param name="find">Looks up the version and throws if it cannot have a list; called again when it changed.</param>
    /// <param name="acl">The new list; null for the default, by which only the owner has access.</param>
    /// <param name="cancellationToken">Cancels the operation until the commit is submitted.</param>
    public ValueTask<StoredObject> SetAclAsync(
        Bucket bucket, ObjectKey key, Func<ValueTask<StoredObject>> find, AccessControlList? acl, CancellationToken cancellationToken) =>
        ChangeAsync(bucket, key, find, found => found.Metadata with { Acl = acl }, acl is null ? found => found.Metadata.Acl is not null : null, cancellationToken);

    /// <param name="hasMore">
    /// For a removal: whether there is something to remove. If not, nothing is written, since removals may use the room reserved
    /// for them and repeated ones would use it up. Null for a change that is not a removal.
    /// </param>
    private ValueTask<StoredObject> ChangeAsync(
        Bucket bucket, ObjectKey key, Func<ValueTask<StoredObject>> find, Func<StoredObject, ObjectMetadata> change, Func<StoredObject, bool>? hasMore,
        CancellationToken cancellationToken, Action<KeyValueBatch>? also = null) =>
        _keys.RunAsync(
            bucket,
            key,
            async transaction =>
            {
                StoredObject found = await find();
                if (hasMore is not null)
                {
                    transaction.Batch.AsRemoval();
                    if (!hasMore(found))
                    {
                        return Decision.Done(found);
                    }
                }

                transaction.Amend(found, change(found));
                also?.Invoke(transaction.Batch);
                return transaction.Commit(found);
            },
            cancellationToken);
}
