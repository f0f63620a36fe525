namespace Tarn.Core.KeyValue;

/// <summary>A store that can copy itself while it is in use, for backups.</summary>
public interface ICheckpointable
{
    /// <summary>
    /// Creates a copy of the store in a directory of its own. It has every commit that was answered before the call, may have some that are answered
    /// during it, and is consistent: a commit that is in it is in it whole, and so are all commits before it. Commits go on meanwhile. The copy is durable when the
    /// task completes. On one file system it shares finished files with the store by hard links, so it takes room only for what the store replaces later, and
    /// it is damaged by what damages the store's files: a backup copies it to another device.
    /// </summary>
    /// <param name="directory">A directory that does not exist; the one that it is in does.</param>
    /// <param name="cancellationToken">Applies until the copy is begun.</param>
    /// <returns>The number of the last change that the copy has. Numbers rise with every commit.</returns>
    /// <exception cref="Blobs.StorageFullException">There is no room.</exception>
    /// <exception cref="StoreFailedException">The store accepts no more writes: what is on the device is unknown.</exception>
    /// <exception cref="IOException">The directory exists already, or the copy failed; then nothing is left of it.</exception>
    ValueTask<ulong> CheckpointAsync(string directory, CancellationToken cancellationToken);
}
