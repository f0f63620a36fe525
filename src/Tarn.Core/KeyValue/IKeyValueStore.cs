namespace Tarn.Core.KeyValue;

/// <summary>
/// The first storage seam: an ordered, transactional map of bytes that holds all of Tarn's metadata and knows nothing of S3.
/// Neither side modifies an array once it was passed in or out.
/// </summary>
public interface IKeyValueStore : IKeyValueReader, IAsyncDisposable
{
    /// <summary>Opens a snapshot, which later commits do not change.</summary>
    ValueTask<IKeyValueSnapshot> OpenSnapshotAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Applies the batch atomically and durably if every check of it holds, and returns true; otherwise applies nothing
    /// and returns false: the caller reads again and decides again. A submitted commit is never cancelled:
    /// <paramref name="cancellationToken"/> applies only until then.
    /// </summary>
    ValueTask<bool> CommitAsync(KeyValueBatch batch, CancellationToken cancellationToken);
}
