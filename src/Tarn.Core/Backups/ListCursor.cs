using Tarn.Core.Blobs;
using Tarn.Core.Consistency;

namespace Tarn.Core.Backups;

/// <summary>Reads a list of blobs a directory at a time: lists are in the order of ids, as are the directories of blobs.</summary>
internal sealed class ListCursor : IAsyncDisposable
{
    private readonly Stream _content;
    private readonly IAsyncEnumerator<IReadOnlyList<(BlobId Id, CopiedBlob Blob)>> _some;
    private int _at;
    private bool _isOpen;

    public ListCursor(Stream content, CancellationToken cancellationToken)
    {
        _content = content;
        _some = BlobList.ReadAsync(content, cancellationToken).GetAsyncEnumerator(cancellationToken);
    }

    /// <summary>Reads the blobs of a directory. Directories are asked for in order.</summary>
    public async ValueTask ReadAsync(int directory, Action<BlobId, CopiedBlob> found)
    {
        while (true)
        {
            if (!_isOpen || _at == _some.Current.Count)
            {
                if (!await _some.MoveNextAsync())
                {
                    _isOpen = false;
                    return;
                }

                (_isOpen, _at) = (true, 0);
            }

            (BlobId id, CopiedBlob blob) = _some.Current[_at];
            if (id.Directory > directory)
            {
                return;
            }

            found(id, blob);
            _at++;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _some.DisposeAsync();
        await _content.DisposeAsync();
    }
}
