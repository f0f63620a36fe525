namespace Tarn.Core.Blobs;

/// <summary>
/// What a blob store can do with blobs that nothing refers to: keep them in a place of their own, where no read and no listing finds them, until they are
/// brought back or dropped. Every move is durable when the call returns, and one that is cut off leaves the blob in one of the two places.
/// </summary>
public interface ISetAsideStore
{
    /// <summary>Sets a blob aside.</summary>
    /// <returns>False when there is none with that id.</returns>
    /// <exception cref="IOException">It could not be moved.</exception>
    ValueTask<bool> SetAsideAsync(BlobId id, CancellationToken cancellationToken);

    /// <summary>Puts a blob back that was set aside.</summary>
    /// <returns>False when none with that id was set aside.</returns>
    /// <exception cref="IOException">It could not be moved.</exception>
    ValueTask<bool> BringBackAsync(BlobId id, CancellationToken cancellationToken);

    /// <summary>Removes a blob that was set aside, if there is one.</summary>
    /// <exception cref="IOException">It could not be removed.</exception>
    ValueTask DropAsideAsync(BlobId id, CancellationToken cancellationToken);

    /// <summary>Opens a blob that was set aside; null when there is none with that id.</summary>
    ValueTask<IBlobReader?> OpenAsideAsync(BlobId id, CancellationToken cancellationToken);

    /// <summary>Lists the blobs that were set aside, in no order.</summary>
    IAsyncEnumerable<BlobInfo> ListAsideAsync(CancellationToken cancellationToken);
}
