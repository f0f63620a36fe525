namespace Tarn.Core.Blobs;

/// <summary>What a blob store can do with a blob that is damaged: put another one with its id in its place, of which a reader sees the old or the new, and a power cut leaves one of them.</summary>
public interface IReplacingBlobs
{
    /// <summary>
    /// Starts writing a blob, not bare, whose commit takes the place of the one with its id. The new one is on the device before it gets the place, however the store commits others. Whoever has
    /// the old one open keeps it.
    /// </summary>
    /// <param name="id">Its id.</param>
    /// <param name="length">Its length in bytes.</param>
    /// <param name="mayReplace">Is asked about the blob that is in the place, when nothing is left to do but to replace it. If not, or if there is none, the commit throws IOException and changes nothing.</param>
    /// <param name="isWritten">Is given what the device has of the new blob before that gets its place, and returns whether it is what was written. If not, the commit throws IOException and changes nothing.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="StorageFullException">There is no room.</exception>
    ValueTask<IBlobWriter> CreateReplacementAsync(
        BlobId id, long length, Func<BlobStamp, bool> mayReplace, Func<IBlobReader, ValueTask<bool>> isWritten, CancellationToken cancellationToken);
}
