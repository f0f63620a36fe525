using Tarn.Core.Buckets;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Records;

namespace Tarn.Core.Objects.Writing;

/// <summary>
/// The only way to change a key's rows: its versions, their tags and access control lists, and its uploads in progress. A test verifies that
/// no other batch contains such a row.
/// </summary>
internal sealed class KeyTransaction(
    OptimisticTransaction transactions, IKeyValueStore store, BucketCatalog buckets, DataOwnership ownership)
{
    /// <summary>Changes a key, retrying until neither it nor the bucket changes in between.</summary>
    /// <param name="bucket">The bucket as read; an attempt after a conflict sees it as it is then.</param>
    /// <param name="key">The key.</param>
    /// <param name="decide">Reads and decides, once for each attempt; throws to refuse.</param>
    /// <param name="cancellationToken">Cancels the operation until the commit is submitted.</param>
    /// <exception cref="Errors.S3Exception">The errors of <paramref name="decide"/>; NoSuchBucket; OperationAborted; SlowDown.</exception>
    public ValueTask<T> RunAsync<T>(
        Bucket bucket, ObjectKey key, Func<KeyChange, ValueTask<Decision<T>>> decide, CancellationToken cancellationToken)
    {
        bool conflict = false;
        return transactions.RunAsync(
            Tables.CurrentKey(bucket.Id, key.Utf8),
            attempt => DecideAsync(async batch =>
            {
                if (attempt.LostRace)
                {
                    // If the bucket is unchanged, it was the key that changed.
                    Bucket now = await buckets.GetSameAsync(bucket, cancellationToken);
                    conflict = now.IsSameAs(bucket);
                    bucket = now;
                }

                return await decide(new KeyChange(store, ownership, bucket, key, batch, conflict));
            }),
            cancellationToken);
    }

    /// <summary>Changes a key in one attempt, unless it or the bucket changes in between.</summary>
    /// <param name="bucket">The bucket as read.</param>
    /// <param name="key">The key.</param>
    /// <param name="decide">Reads and decides; false when there is nothing to do.</param>
    /// <param name="cancellationToken">Cancels the operation until the commit is submitted.</param>
    /// <returns>Whether the change was committed.</returns>
    public ValueTask<bool> TryAsync(Bucket bucket, ObjectKey key, Func<KeyChange, ValueTask<bool>> decide, CancellationToken cancellationToken) =>
        TryAsync(batch => decide(new KeyChange(store, ownership, bucket, key, batch, isConflict: false)), cancellationToken);

    /// <summary>Removes listed objects of a bucket that never kept versions: all of them, or none if anything changed in between.</summary>
    /// <returns>Whether they were removed.</returns>
    public ValueTask<bool> TryRemoveAsync(Bucket bucket, IReadOnlyList<StoredObject> listed, CancellationToken cancellationToken) =>
        TryAsync(
            batch =>
            {
                bucket.Guard(batch).AsRemoval();
                foreach (StoredObject stored in listed)
                {
                    new KeyChange(store, ownership, bucket, stored.Key, batch, isConflict: false).RemoveOnly(stored);
                }
            },
            cancellationToken);

    /// <summary>Changes the rows of uploads in progress in one attempt, unless anything changed in between.</summary>
    /// <param name="add">Adds the change, with checks of what it is based on.</param>
    /// <param name="cancellationToken">Cancels the operation until the commit is submitted.</param>
    /// <returns>Whether the change was committed.</returns>
    public ValueTask<bool> TryAsync(Action<KeyValueBatch> add, CancellationToken cancellationToken) =>
        TryAsync(
            batch =>
            {
                add(batch);
                return ValueTask.FromResult(true);
            },
            cancellationToken);

    private ValueTask<bool> TryAsync(Func<KeyValueBatch, ValueTask<bool>> decide, CancellationToken cancellationToken) =>
        transactions.TryAsync(
            () => DecideAsync(async batch => await decide(batch) ? Decision.Commit(batch, true) : Decision.Done(false)),
            cancellationToken);

    /// <summary>
    /// Every change of a key's rows passes through here: whatever must be committed along with any such change is added between the
    /// decision and its return.
    /// </summary>
    private static ValueTask<Decision<T>> DecideAsync<T>(Func<KeyValueBatch, ValueTask<Decision<T>>> decide) => decide(new Batch());

    /// <summary>A batch that may contain rows of keys. Only this class can create one.</summary>
    private sealed class Batch : KeyValueBatch;
}
