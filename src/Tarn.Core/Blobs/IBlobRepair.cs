namespace Tarn.Core.Blobs;

/// <summary>
/// What a blob store with several copies of each blob also implements: a mirror, or an engine with replicas. Whoever finds that what it reads is
/// damaged goes on with another copy, and has the damaged one rewritten.
/// </summary>
public interface IBlobRepair
{
    /// <summary>Opens another copy of a blob than the one that a reader of this store reads at this moment.</summary>
    /// <param name="id">The blob.</param>
    /// <param name="damaged">The reader, which stays open.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The copy, which is not known to be better; null when there is no other.</returns>
    ValueTask<IBlobReader?> OpenOtherAsync(BlobId id, IBlobReader damaged, CancellationToken cancellationToken);

    /// <summary>Whether an open reader of this store reads another copy than it should, since that one is missing or cannot be read. Its repair has begun.</summary>
    bool IsOther(IBlobReader reader);

    /// <summary>Does the same as <see cref="RepairAsync"/> in the background. What it could not do is logged.</summary>
    void BeginRepair(BlobId id);

    /// <summary>
    /// Reads all copies of a blob, and rewrites those that are missing, unreadable or damaged from the best one. Nothing is replaced by what is not better. Calls
    /// for one blob, and its deletion, come one after another.
    /// </summary>
    /// <param name="id">The blob.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>True if <see cref="IBlobStore.OpenAsync"/> opens a whole copy from now on, or one of which nothing tells that it is not; false if there is none.</returns>
    ValueTask<bool> RepairAsync(BlobId id, CancellationToken cancellationToken);

    /// <summary>
    /// Reads the copies of a blob that <see cref="IBlobStore.OpenAsync"/> does not open, from the device, and rewrites those that are missing, unreadable or damaged. For whoever
    /// has just read the other one.
    /// </summary>
    /// <param name="id">The blob.</param>
    /// <param name="pace">Waits until so many bytes may be read.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    ValueTask<CopyRepair> VerifyOthersAsync(BlobId id, Func<int, ValueTask> pace, CancellationToken cancellationToken);
}

/// <summary>What was done of copies of a blob.</summary>
public enum CopyRepair
{
    /// <summary>Nothing is known to be wrong with any.</summary>
    None,

    /// <summary>One was rewritten.</summary>
    Done,

    /// <summary>One is damaged, and none was there that is better, or it could not be rewritten.</summary>
    Failed,
}
