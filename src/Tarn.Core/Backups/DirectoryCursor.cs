using Tarn.Core.Blobs;

namespace Tarn.Core.Backups;

/// <summary>Reads what is in the order of <see cref="BlobId.Directory"/>, as lists of blobs and the listing of a store are, one directory at a time.</summary>
/// <param name="items">All of it.</param>
/// <param name="idOf">The blob that an item is about.</param>
/// <param name="cancellationToken">Cancels the reads.</param>
internal sealed class DirectoryCursor<T>(IAsyncEnumerable<T> items, Func<T, BlobId> idOf, CancellationToken cancellationToken) : IAsyncDisposable
{
    private readonly IAsyncEnumerator<T> _items = items.GetAsyncEnumerator(cancellationToken);
    private bool _isAhead;

    /// <summary>The items of a directory. Directories are asked for in order.</summary>
    public async IAsyncEnumerable<T> ReadAsync(int directory)
    {
        while (_isAhead || await _items.MoveNextAsync())
        {
            _isAhead = idOf(_items.Current).Directory > directory;
            if (_isAhead)
            {
                yield break;
            }

            yield return _items.Current;
        }
    }

    public ValueTask DisposeAsync() => _items.DisposeAsync();
}
