using System.Runtime.CompilerServices;
using Tarn.Backends.Files;
using Tarn.Core.Blobs;

namespace Tarn.Server.Backups;

/// <summary>
/// The blobs of a directory with backups. One that is a symbolic link is not read: what it leads to is not in the place, and may be gone when it is needed. Nothing is written or removed through a
/// directory that is one; those of the first level were looked at when the place was opened.
/// </summary>
/// <param name="blobs">The blobs.</param>
/// <param name="place">The directory with backups.</param>
internal sealed class LinklessBlobs(FileBlobStore blobs, string place) : IBlobStore
{
    public ValueTask<IBlobWriter> CreateAsync(BlobId id, long? expectedLength, CancellationToken cancellationToken) => blobs.CreateAsync(id, expectedLength, cancellationToken);

    public ValueTask<IBlobWriter> CreateCopyAsync(BlobId id, long length, bool isBare, CancellationToken cancellationToken)
    {
        ThrowIfDirectoryIsLink(id);
        return blobs.CreateCopyAsync(id, length, isBare, cancellationToken);
    }

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

    public ValueTask DeleteAsync(BlobId id, CancellationToken cancellationToken)
    {
        ThrowIfDirectoryIsLink(id);
        return blobs.DeleteAsync(id, cancellationToken);
    }

    public IAsyncEnumerable<BlobInfo> ListAsync(CancellationToken cancellationToken) => ListAsync(0, cancellationToken);

    public async IAsyncEnumerable<BlobInfo> ListAsync(int fromDirectory, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (BlobInfo info in blobs.ListAsync(fromDirectory, cancellationToken))
        {
            if (info.IsBare)
            {
                ThrowIfDirectoryIsLink(info.Id);
            }

            yield return info;
        }
    }

    public ValueTask DisposeAsync() => blobs.DisposeAsync();

    private void ThrowIfLink(BlobId id)
    {
        SymbolicLinks.ThrowIfLink(new FileInfo(Path.Combine(place, BackupLayout.BlobOf(id))));
        ThrowIfDirectoryIsLink(id);
        SymbolicLinks.ThrowIfLink(new FileInfo(Path.Combine(place, BackupLayout.BareBlobOf(id))));
    }

    private void ThrowIfDirectoryIsLink(BlobId id) => SymbolicLinks.ThrowIfLink(new DirectoryInfo(Path.GetDirectoryName(Path.Combine(place, BackupLayout.BareBlobOf(id)))!));
}
