using Microsoft.Win32.SafeHandles;
using Tarn.Core.Blobs;
using Tarn.Core.Files;

namespace Tarn.Backends.Files;

/// <summary>
/// Stores blobs as files in a local directory (<see cref="BlobPlaces"/>). They are written under <c>tmp/</c>, get their final name and are then
/// synced, so a file with its final name is complete unless its upload was cut off by the end of the process or machine, before it was answered.
/// docs/design/blobs.md
/// </summary>
public sealed partial class FileBlobStore : IBlobStore, ISetAsideStore, IReplacingBlobs
{
    private const int SyncThreads = 8;
    private const long DefaultReserveBytes = 256L << 20;

    private readonly BlobPlaces _places;
    private readonly AsideBlobs _aside;
    private readonly bool _onlyReads;
    private FileSystemSync? _together;

    /// <summary>Opens the store, and removes temporary files that an earlier process left behind.</summary>
    /// <param name="root">The directory, created if missing. Only one process at a time may use it.</param>
    /// <param name="fsync">Whether a commit waits until the blob is on the device.</param>
    /// <param name="reserveBytes">Bytes on the device that blobs leave free for the metadata.</param>
    /// <exception cref="IOException">It cannot be opened: also if a directory in it is a link or a mount.</exception>
    public FileBlobStore(string root, bool fsync, long reserveBytes = DefaultReserveBytes)
    {
        root = Path.GetFullPath(root);
        _places = new BlobPlaces(root);
        _aside = new AsideBlobs(root, _places);
        if (fsync)
        {
            DurableDirectory.Create(root);
        }
        else
        {
            Directory.CreateDirectory(root);
        }

        _places.ThrowIfDivided();
        Directory.CreateDirectory(_places.Temporary);
        BlobReadErrors.Show();
        BlobWriteErrors.Show();
        Reserve = new DiskReserve(root, reserveBytes);
        foreach (string left in Directory.EnumerateFiles(_places.Temporary))
        {
            File.Delete(left);
        }

        _places.CreateDirectories(fsync);
        _aside.Converge();
        if (fsync)
        {
            FileSync.Directory(Path.GetDirectoryName(root) ?? root);
        }

        SyncQueue = fsync ? new DiskThreads(SyncThreads, "Blob disk") : null;
    }

    private FileBlobStore(string root)
    {
        root = Path.GetFullPath(root);
        _places = new BlobPlaces(root);
        _aside = new AsideBlobs(root, _places);
        _onlyReads = true;
        BlobReadErrors.Show();
        BlobWriteErrors.Show();
        Reserve = new DiskReserve(root, 0);
    }

    /// <summary>
    /// Whether a blob that is written takes the place of one with its id, as in a place of backups: then it is synced before it gets its name, so that a power cut leaves the old one or the new one.
    /// </summary>
    public bool Replaces { get; init; }

    /// <summary>
    /// Makes the store put off syncing where one call syncs a whole file system: blobs that are committed or linked from now on are durable only after <see cref="SyncAsync"/>. For those
    /// who write many, and nothing that refers to them before.
    /// </summary>
    /// <returns>Whether it does; otherwise each blob is durable when it is committed.</returns>
    public bool SyncTogether()
    {
        if (_together is null && SyncQueue is not null && FileSystemSync.IsReliable && FileSystemSpace.Of(_places.Temporary).SyncsAsWhole)
        {
            _together = new FileSystemSync(_places.Temporary);
        }

        return _together is not null;
    }

    /// <summary>Makes all blobs durable that were committed or linked before the call.</summary>
    /// <exception cref="IOException">It failed, or one before did: which blobs are durable is unknown.</exception>
    public async ValueTask SyncAsync()
    {
        if (_together is { } together)
        {
            await SyncQueue!.RunAsync(together.Run);
        }
    }

    /// <summary>Opens a store, or a copy of one, without changing anything in it. Every write throws InvalidOperationException.</summary>
    /// <param name="root">The directory. Nobody may write to it meanwhile.</param>
    public static FileBlobStore OpenToRead(string root) => new(root);

    /// <summary>
    /// Gives a blob of another store a second name in this one, durably if the store syncs. Neither store writes to a file that has its name, and a store that deletes the blob
    /// removes its own name only; but damage to the file is damage to both.
    /// </summary>
    /// <returns>False when it has to be copied: it is on another file system, which has no links, or its tail is in a file of its own.</returns>
    /// <exception cref="IOException">The link failed for another reason.</exception>
    public bool TryLink(FileBlobStore source, BlobId id)
    {
        ArgumentNullException.ThrowIfNull(source);
        ThrowIfOnlyReads();
        string from = source._places.PathOf(id);
        if (SyncsEach && source.SyncQueue is null && BlobCalls.TryOpen(from) is { } unsynced)
        {
            using (unsynced)
            {
                FileSync.File(unsynced, from);
            }
        }

        // A link replaces nothing: what is there is damaged, and goes once the new name is certain.
        string temporary = Replaces ? _places.TemporaryOf(id) : _places.PathOf(id);
        if (!BlobCalls.TryLink(from, temporary))
        {
            return false;
        }

        if (Replaces)
        {
            BlobCalls.Replace(temporary, _places.PathOf(id));

            // Where the two are one file already, the rename does nothing.
            BlobCalls.TryUnlink(temporary);
        }

        if (SyncsEach)
        {
            FileSync.Directory(_places.DirectoryOf(id.Directory));
        }

        return true;
    }

    /// <inheritdoc/>
    public ValueTask<IBlobWriter> CreateAsync(BlobId id, long? expectedLength, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfOnlyReads();
        Reserve.ThrowIfShort(expectedLength ?? 0);
        return new(new FileBlobWriter(this, _places.TemporaryOf(id), expectedLength, (temporary, file) => Publish(temporary, id, file)));
    }

    /// <inheritdoc/>
    public ValueTask<IBlobWriter> CreateCopyAsync(BlobId id, long length, bool isBare, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfOnlyReads();
        Reserve.ThrowIfShort(length);
        return new(new FileBlobWriter(this, _places.TemporaryOf(id, BlobPlaces.CopySuffix), length, (temporary, file) => PublishCopy(temporary, id, isBare, file)));
    }

    /// <inheritdoc/>
    public ValueTask<IBlobWriter> CreateReplacementAsync(
        BlobId id, long length, Func<BlobStamp, bool> mayReplace, Func<IBlobReader, ValueTask<bool>> isWritten, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfOnlyReads();
        Reserve.ThrowIfShort(length);
        return new(new FileBlobWriter(this, _places.TemporaryOf(id), length, (temporary, file) => PublishReplacement(temporary, id, file, mayReplace), isWritten));
    }

    /// <summary>
    /// Makes a blob of another store share its bytes with a new one in this store, until either is written, which blobs are not. It is durable if the store syncs. Damage on the device
    /// is damage to both, unless the file system keeps them apart.
    /// </summary>
    /// <returns>False when it has to be copied: the file system cannot, or the blob's tail is in a file of its own.</returns>
    /// <exception cref="IOException">It failed for another reason.</exception>
    public bool TryClone(FileBlobStore source, BlobId id)
    {
        ArgumentNullException.ThrowIfNull(source);
        ThrowIfOnlyReads();
        using SafeFileHandle? from = BlobCalls.TryOpen(source._places.PathOf(id));
        if (from is null)
        {
            return false;
        }

        Reserve.ThrowIfShort(0);
        return BlobWrites.Guard(() => TryClone(from, id));
    }

    private bool TryClone(SafeFileHandle from, BlobId id)
    {
        string temporary = _places.TemporaryOf(id);
        using SafeFileHandle to = File.OpenHandle(temporary, FileMode.Create, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        try
        {
            if (FileSharing.TryClone(from, to))
            {
                Publish(temporary, id, to);
                return true;
            }
        }
        catch (IOException failure)
        {
            BlobCalls.UnlinkAfter(failure, temporary);
            throw;
        }

        BlobCalls.TryUnlink(temporary);
        return false;
    }

    /// <inheritdoc/>
    public ValueTask<IBlobReader?> OpenAsync(BlobId id, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return new(TryOpen(id));
        }
        catch (IOException)
        {
            BlobReadErrors.Count();
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask<BlobInfo?> FindAsync(BlobId id, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return new(BlobListing.Describe(_places, id));
        }
        catch (IOException)
        {
            BlobReadErrors.Count();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<bool> SealAsync(BlobId id, ReadOnlyMemory<byte> tail, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfOnlyReads();
        if (BlobListing.Describe(_places, id) is not { IsBare: true })
        {
            return false;
        }

        Reserve.ThrowIfShort(tail.Length);
        string temporary = _places.TemporaryOf(id, BlobPlaces.TailSuffix);
        string blob = _places.BarePathOf(id);
        return await Task.Run(() => DiskFull.Guard(() => BlobTail.Write(temporary, blob, tail.Span)), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask DeleteAsync(BlobId id, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfOnlyReads();

        // Not synced: a delete that a crash undoes leaves an orphan, which the orphan scan counts. Both places: a file that was copied back by hand to
        // the other one would come to light as the blob. The tail goes last: a reader looks for it first, so it never takes a sealed blob for a bare one.
        BlobCalls.TryUnlink(_places.PathOf(id));
        string bare = _places.BarePathOf(id);
        BlobCalls.TryUnlink(bare);
        BlobCalls.TryUnlink(bare + BlobPlaces.TailSuffix);
        return default;
    }

    /// <inheritdoc/>
    public async ValueTask<bool> SetAsideAsync(BlobId id, CancellationToken cancellationToken)
    {
        ThrowIfOnlyReads();
        return await Task.Run(() => _aside.SetAside(id), cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> BringBackAsync(BlobId id, CancellationToken cancellationToken)
    {
        ThrowIfOnlyReads();
        return await Task.Run(() => _aside.BringBack(id), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask DropAsideAsync(BlobId id, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfOnlyReads();
        _aside.Drop(id);
        return default;
    }

    /// <inheritdoc/>
    public ValueTask<IBlobReader?> OpenAsideAsync(BlobId id, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(_aside.TryOpen(id));
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<BlobInfo> ListAsideAsync(CancellationToken cancellationToken) => _aside.ListAsync(cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<BlobInfo> ListAsync(CancellationToken cancellationToken) => ListAsync(0, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<BlobInfo> ListAsync(int fromDirectory, CancellationToken cancellationToken) =>
        BlobListing.RunAsync(_places, fromDirectory, mayMiss: _onlyReads, cancellationToken);

    /// <summary>Ends the threads that wait for the device.</summary>
    public ValueTask DisposeAsync()
    {
        SyncQueue?.Dispose();
        _together?.Dispose();
        return default;
    }

    /// <summary>The threads on which writers wait for the device; null when the store does not sync.</summary>
    internal DiskThreads? SyncQueue { get; }

    private bool SyncsEach => SyncQueue is not null && _together is null;

    /// <summary>The room that writers leave free.</summary>
    internal DiskReserve Reserve { get; }

    /// <summary>Opens a blob; null when there is none. One in two files may get its new form, in one, between two looks.</summary>
    private FileBlobReader? TryOpen(BlobId id) => TryOpenWhole(_places.PathOf(id)) ?? TryOpenBare(_places.BarePathOf(id)) ?? TryOpenWhole(_places.PathOf(id));

    internal static FileBlobReader? TryOpenWhole(string path) =>
        BlobCalls.TryOpen(path) is { } file ? new FileBlobReader(path, file, tail: null, isBare: false) : null;

    /// <summary>Opens a blob of an older build, and its tail if it has one; null when there is none.</summary>
    internal static FileBlobReader? TryOpenBare(string path)
    {
        SafeFileHandle? tail = BlobCalls.TryOpen(path + BlobPlaces.TailSuffix);
        try
        {
            if (BlobCalls.TryOpen(path) is not { } file)
            {
                return null;
            }

            // One that is brought back, or sealed, gets its tail before the bytes can be opened.
            tail ??= TryOpenTail(path, file);
            FileBlobReader reader = new(path, file, tail, isBare: tail is null);
            tail = null;
            return reader;
        }
        finally
        {
            tail?.Dispose();
        }
    }

    private static SafeFileHandle? TryOpenTail(string path, SafeFileHandle file)
    {
        try
        {
            return BlobCalls.TryOpen(path + BlobPlaces.TailSuffix);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private void ThrowIfOnlyReads()
    {
        if (_onlyReads)
        {
            throw new InvalidOperationException("The store was opened only to read.");
        }
    }
}
