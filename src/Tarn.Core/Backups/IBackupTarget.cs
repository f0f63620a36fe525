using Tarn.Core.Blobs;

namespace Tarn.Core.Backups;

/// <summary>
/// A place that has backups: blobs and files, which backups share, and a manifest for each backup. What a call wrote is durable when it returns, and appears whole.
/// Only one writes at a time.
/// </summary>
public interface IBackupTarget : IAsyncDisposable
{
    /// <summary>The place, for messages.</summary>
    string Place { get; }

    /// <summary>The blobs, under their ids, bare ones included.</summary>
    IBlobStore Blobs { get; }

    /// <summary>Whether the listing of a blob alone shows that it is whole: nothing but this program ever wrote there, and the place verifies what it takes.</summary>
    bool TrustsListing { get; }

    /// <summary>Creates a directory on this machine for files that are needed for a while; who asks for it removes it.</summary>
    string CreateScratch();

    /// <summary>Stores a file under the hash of its content, unless it is there.</summary>
    /// <param name="content">The file, from its beginning.</param>
    /// <param name="mayShare">Whether the place may give the same file a second name, so that damage to one is damage to both.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>Its length in bytes, its SHA-256, and whether it was not there before.</returns>
    ValueTask<(long Length, string Sha256, bool IsNew)> AddAsync(FileStream content, bool mayShare, CancellationToken cancellationToken);

    /// <summary>Whether a file with that content and length is there; it is not read.</summary>
    ValueTask<bool> HasAsync(string sha256, long length, CancellationToken cancellationToken);

    /// <summary>Opens a file; null when there is none.</summary>
    ValueTask<Stream?> OpenAsync(string sha256, CancellationToken cancellationToken);

    /// <summary>Opens a file that is read little by little, for as long as the work on it takes, and more than once: from a place that is far away, a copy. Null when there is none.</summary>
    ValueTask<Stream?> OpenListAsync(string sha256, CancellationToken cancellationToken);

    /// <summary>Whether a file is not too large for any place of this kind.</summary>
    /// <param name="length">Its bytes.</param>
    /// <param name="allocated">Bytes of it that are no holes.</param>
    /// <exception cref="StorageFullException">There is no room for it, in the place or where it is kept on its way.</exception>
    bool Takes(long length, long allocated);

    /// <summary>Gives a file a name on this machine for reading, by a link where that is possible.</summary>
    /// <returns>False when there is none.</returns>
    ValueTask<bool> FetchAsync(string sha256, string path, CancellationToken cancellationToken);

    /// <summary>The hashes of all files.</summary>
    IAsyncEnumerable<string> ListAsync(CancellationToken cancellationToken);

    /// <summary>Removes a file.</summary>
    ValueTask RemoveAsync(string sha256, CancellationToken cancellationToken);

    /// <summary>Notes that a backup is made or removed, so that what is left of it is known whatever happens, until <see cref="EndAsync"/>.</summary>
    ValueTask BeginAsync(string name, CancellationToken cancellationToken);

    /// <summary>Notes that nothing is left of a backup but what its manifest names, if it has one.</summary>
    ValueTask EndAsync(string name, CancellationToken cancellationToken);

    /// <summary>The names of what was noted, the oldest first: what was begun and came to no end. One that has a manifest is whole, but what others left may still be there.</summary>
    ValueTask<IReadOnlyList<string>> NotesAsync(CancellationToken cancellationToken);

    /// <summary>Keeps readers of all backups away until it is disposed, so that something can be removed.</summary>
    /// <param name="alone">What to dispose; null where nothing locks.</param>
    /// <returns>False when somebody reads.</returns>
    bool TryLockOutReaders(out IDisposable? alone);

    /// <summary>The names of all backups, the oldest first.</summary>
    ValueTask<IReadOnlyList<string>> NamesAsync(CancellationToken cancellationToken);

    /// <summary>Reads the manifest of a backup; null when there is none.</summary>
    ValueTask<byte[]?> ReadManifestAsync(string name, CancellationToken cancellationToken);

    /// <summary>Writes the manifest of a new backup.</summary>
    ValueTask WriteManifestAsync(string name, byte[] content, CancellationToken cancellationToken);

    /// <summary>Removes the manifest of a backup.</summary>
    ValueTask RemoveManifestAsync(string name, CancellationToken cancellationToken);
}
