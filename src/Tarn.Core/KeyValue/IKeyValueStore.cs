namespace Tarn.Core.KeyValue;

/// <summary>
/// Seam 1: an ordered, transactional map of bytes. All of Tarn's metadata lives behind it; it knows nothing of S3.
/// Arrays handed in or out are never modified afterwards by either side.
/// </summary>
public interface IKeyValueStore : IKeyValueReader, IAsyncDisposable
{
    /// <summary>Opens a view that later commits do not change.</summary>
    ValueTask<IKeyValueSnapshot> OpenSnapshotAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Applies the batch atomically and durably if every check of it holds, and returns true; otherwise applies nothing
    /// and returns false: the caller reads again and decides again. Once submitted, a commit is not cancelled half way:
    /// <paramref name="cancellationToken"/> only prevents one that was not submitted yet.
    /// </summary>
    ValueTask<bool> CommitAsync(KeyValueBatch batch, CancellationToken cancellationToken);
}
