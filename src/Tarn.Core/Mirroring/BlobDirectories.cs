using Tarn.Core.Blobs;

namespace Tarn.Core.Mirroring;

/// <summary>Reads a listing of blobs one directory at a time.</summary>
internal sealed class BlobDirectories(IAsyncEnumerable<BlobInfo> listing) : IAsyncDisposable
{
    /// <summary>The number of directories: values of <see cref="BlobId.Directory"/>.</summary>
    public const int Count = 256;

    private readonly IAsyncEnumerator<BlobInfo> _blobs = listing.GetAsyncEnumerator();
    private BlobInfo? _next;
    private bool _hasEnded;

    /// <summary>Reads the blobs of one directory. Directories are read in ascending order.</summary>
    public async ValueTask<Dictionary<BlobId, BlobInfo>> ReadAsync(int directory)
    {
        var found = new Dictionary<BlobId, BlobInfo>();
        while (await PeekAsync() is { } blob && blob.Id.Directory <= directory)
        {
            found[blob.Id] = blob;
            _next = null;
        }

        return found;
    }

    public ValueTask DisposeAsync() => _blobs.DisposeAsync();

    private async ValueTask<BlobInfo?> PeekAsync()
    {
        if (_next is null && !_hasEnded)
        {
            if (await _blobs.MoveNextAsync())
            {
                _next = _blobs.Current;
            }
            else
            {
                _hasEnded = true;
            }
        }

        return _next;
    }
}
