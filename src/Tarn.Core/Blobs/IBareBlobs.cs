namespace Tarn.Core.Blobs;

/// <summary>A blob store that takes blobs as builds before layout 1 stored them, for copies of such blobs.</summary>
public interface IBareBlobs
{
    /// <summary>Starts writing a bare blob, see <see cref="IBlobStore"/>.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="length">Its length in bytes.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="StorageFullException">There is no room.</exception>
    ValueTask<IBlobWriter> CreateBareAsync(BlobId id, long length, CancellationToken cancellationToken);
}
