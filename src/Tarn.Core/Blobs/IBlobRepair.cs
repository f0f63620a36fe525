namespace Tarn.Core.Blobs;

/// <summary>
/// What a blob store with several copies of each blob also implements. The store itself knows nothing of what the bytes mean, so it cannot tell a whole copy from
/// a damaged one: the caller does.
/// </summary>
public interface IBlobRepair
{
    /// <summary>
    /// Looks for a whole copy of a blob, and rewrites the copies that are missing, unreadable or not whole from it. Calls for one blob, and its
    /// deletion, come one after another.
    /// </summary>
    /// <param name="id">The blob.</param>
    /// <param name="isWhole">Tells whether a copy is whole. An <see cref="IOException"/> from it counts as no.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>True if <see cref="IBlobStore.OpenAsync"/> opens a whole copy from now on; false if there is none.</returns>
    ValueTask<bool> RepairAsync(BlobId id, BlobVerification isWhole, CancellationToken cancellationToken);
}

/// <summary>Tells whether one copy of a blob is whole. It may read all of it, and does not dispose it.</summary>
public delegate ValueTask<bool> BlobVerification(IBlobReader copy, CancellationToken cancellationToken);
