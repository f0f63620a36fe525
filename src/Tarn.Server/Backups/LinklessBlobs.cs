using Tarn.Core.Blobs;

namespace Tarn.Server.Backups;

/// <summary>The blobs of a directory with backups. One that is a symbolic link is not read: what it leads to is not in the place, and may be gone when it is needed.</summary>
/// <param name="blobs">The blobs.</param>
/// <param name="place">The directory with backups.</param>
internal sealed class LinklessBlobs(IBlobStore blobs, string place) : IBlobStore
{
    public ValueTask<IBlobWriter> CreateAsync(BlobId id, long? expectedLength, CancellationToken cancellationToken) => blobs.CreateAsync(id, expectedLength, cancellationToken);

    public ValueTask<IBlobWriter> CreateCopyAsync(BlobId id, long length, bool isBare, CancellationToken cancellationToken) =>
        blobs.CreateCopyAsync(id, length, isBare, cancellationToken);

    public ValueTask<IBlobReader?> OpenAsync(BlobId id, CancellationToken cancellationToken)
    {
        ThrowIfLink(id);
        return blobs.OpenAsync(id, cancellationToken);
    }

    public ValueTask<BlobInfo?> FindAsync(BlobId id, CancellationToken cancellationToken)
    {
        ThrowIfLink(id);
        return blobs.FindAsync(id, cancellationToken);
    }

    public ValueTask<bool> SealAsync(BlobId id, ReadOnlyMemory<byte> tail, CancellationToken cancellationToken) => blobs.SealAsync(id, tail, cancellationToken);

    public ValueTask DeleteAsync(BlobId id, CancellationToken cancellationToken) => blobs.DeleteAsync(id, cancellationToken);

    public IAsyncEnumerable<BlobInfo> ListAsync(CancellationToken cancellationToken) => blobs.ListAsync(cancellationToken);

    public IAsyncEnumerable<BlobInfo> ListAsync(int fromDirectory, CancellationToken cancellationToken) => blobs.ListAsync(fromDirectory, cancellationToken);

    public ValueTask DisposeAsync() => blobs.DisposeAsync();

    private void ThrowIfLink(BlobId id)
    {
        string bare = Path.Combine(place, BackupLayout.BareBlobOf(id));
        foreach (string path in new[] { Path.Combine(place, BackupLayout.BlobOf(id)), Path.GetDirectoryName(bare)!, bare })
        {
            SymbolicLinks.ThrowIfLink(new FileInfo(path));
        }
    }
}
