using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace Tarn.Core.Blobs;

/// <summary>
/// The second storage seam: immutable byte strings. A blob is whole and durable once its writer's commit returns, and never changes;
/// its id is never reused. It may show a little earlier, while the commit still makes it durable, and is gone again if the commit fails: only what a row or an
/// announcement refers to is certain to be there, and what nothing refers to may just be on its way. The store does not interpret the bytes, with one exception: builds before layout 1 stored the payload of a
/// blob and nothing else. Such a blob is <em>bare</em>, which a store knows by its place, never by its bytes, until it is sealed.
/// </summary>
public interface IBlobStore : IAsyncDisposable
{
    /// <summary>Starts writing a blob under a new id.</summary>
    /// <param name="id">The new blob's id.</param>
    /// <param name="expectedLength">The length in bytes if known, so that the engine can preallocate; null if not.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="StorageFullException">There is no room.</exception>
    ValueTask<IBlobWriter> CreateAsync(BlobId id, long? expectedLength, CancellationToken cancellationToken);

    /// <summary>
    /// Starts writing a copy of a blob that another store has. Its commit replaces whatever this store has of the blob, in one step; until then that
    /// stays as it is. One copy of a blob at a time.
    /// </summary>
    /// <param name="id">The blob's id, the same as there.</param>
    /// <param name="length">Its length in bytes.</param>
    /// <param name="isBare">Whether it is bare there.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="StorageFullException">There is no room.</exception>
    ValueTask<IBlobWriter> CreateCopyAsync(BlobId id, long length, bool isBare, CancellationToken cancellationToken);

    /// <summary>Opens a blob that is committed or about to be; null when there is none with that id.</summary>
    ValueTask<IBlobReader?> OpenAsync(BlobId id, CancellationToken cancellationToken);

    /// <summary>Describes a blob that is committed or about to be, without opening it; null when there is none with that id.</summary>
    ValueTask<BlobInfo?> FindAsync(BlobId id, CancellationToken cancellationToken);

    /// <summary>
    /// Gives a bare blob its tail, durably: from then on its bytes are the payload followed by the tail, and it is not bare. The bytes that were
    /// there are not written again. Readers that have it open continue to see a bare blob.
    /// </summary>
    /// <returns>False when there is no bare blob with that id.</returns>
    /// <exception cref="StorageFullException">There is no room.</exception>
    ValueTask<bool> SealAsync(BlobId id, ReadOnlyMemory<byte> tail, CancellationToken cancellationToken);

    /// <summary>Removes a blob if it exists, wherever the store has something of it. Readers that have it open can continue to read.</summary>
    ValueTask DeleteAsync(BlobId id, CancellationToken cancellationToken);

    /// <summary>Lists all committed blobs, and perhaps some that are about to be committed.</summary>
    IAsyncEnumerable<BlobInfo> ListAsync(CancellationToken cancellationToken);

    /// <summary>Lists the same from one <see cref="BlobId.Directory"/> on, directory by directory; within a directory they are in no order.</summary>
    IAsyncEnumerable<BlobInfo> ListAsync(int fromDirectory, CancellationToken cancellationToken);
}

/// <summary>Appends to a new blob. Disposed without <see cref="CommitAsync"/>, nothing is left behind.</summary>
public interface IBlobWriter : IAsyncDisposable
{
    /// <summary>Appends bytes. The memory may be reused once the call completes.</summary>
    /// <exception cref="StorageFullException">There is no room.</exception>
    ValueTask WriteAsync(ReadOnlySequence<byte> data, CancellationToken cancellationToken);

    /// <summary>
    /// Makes the blob visible under its id, and durable; both are certain only when the call returns. If it fails, the blob is not visible, or an
    /// orphan where the store cannot remove it.
    /// </summary>
    /// <exception cref="StorageFullException">There is no room.</exception>
    ValueTask CommitAsync(CancellationToken cancellationToken);
}

/// <summary>An open, committed blob. Reads at different offsets may run at once.</summary>
public interface IBlobReader : IAsyncDisposable
{
    /// <summary>Bytes stored: the payload and, unless the blob is bare, what follows it.</summary>
    long Length { get; }

    /// <summary>Whether the bytes are a payload without checksums, as builds before layout 1 stored it.</summary>
    bool IsBare { get; }

    /// <summary>
    /// Where the tail begins if the blob was sealed and the store keeps the two apart, so that it knows how long the payload is now; null when only
    /// the bytes tell.
    /// </summary>
    long? TailAt { get; }

    /// <summary>
    /// A file that holds this blob's bytes at the same offsets, which the transport can send without copying; null when there is none. It may end
    /// with the payload: what follows that in a sealed blob is elsewhere.
    /// </summary>
    SafeFileHandle? FileHandle { get; }

    /// <summary>Reads up to <paramref name="buffer"/>.Length bytes at <paramref name="offset"/>; 0 only at or past the end.</summary>
    ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken);

    /// <summary>
    /// Reads the same from the device, whatever is in memory; what is there stays there, and nothing is added. An engine that cannot do so reads as <see cref="ReadAsync"/> does.
    /// </summary>
    ValueTask<int> ReadDeviceAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken) => ReadAsync(offset, buffer, cancellationToken);

    /// <summary>Reads what is in memory already, without ever waiting for a device.</summary>
    /// <returns>
    /// Bytes read, which may be fewer than <paramref name="buffer"/>.Length; 0 when none are in memory, at or past the end, when the engine cannot
    /// tell, or after an error, which <see cref="ReadAsync"/> then reports.
    /// </returns>
    int TryReadCached(long offset, Span<byte> buffer);

    /// <summary>Whether all bytes of a run of <see cref="FileHandle"/> are in memory; false where the engine cannot tell.</summary>
    bool IsCached(long offset, long length) => false;

    /// <summary>
    /// Asks that a run of bytes leaves the memory of the machine, so that the next read of it comes from the device. What cannot be dropped stays;
    /// does nothing where bytes are kept in memory only.
    /// </summary>
    void DropCached(long offset, long length);

    /// <summary>Which bytes are open.</summary>
    BlobStamp Stamp { get; }
}

/// <summary>
/// Tells, without reading it, whether what is stored under a blob's id may have been replaced or written since another look: two equal stamps are the
/// same file or object, not written in between through the file system. Says nothing about what the device did.
/// </summary>
/// <param name="Volume">The device or file system.</param>
/// <param name="Number">The file or object on it.</param>
/// <param name="Changed">When it was last changed, in a unit and from a start of the engine's.</param>
/// <param name="TailNumber">The same of what holds the tail, if that is separate; else 0.</param>
/// <param name="TailChanged">When that was last changed; else 0.</param>
public readonly record struct BlobStamp(ulong Volume, ulong Number, long Changed, ulong TailNumber = 0, long TailChanged = 0);

/// <summary>What a store knows of a blob without reading it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Length">Bytes stored, as in <see cref="IBlobReader.Length"/>.</param>
/// <param name="Created">When it was committed.</param>
/// <param name="IsBare">See <see cref="IBlobReader.IsBare"/>.</param>
/// <param name="TailAt">See <see cref="IBlobReader.TailAt"/>.</param>
public readonly record struct BlobInfo(BlobId Id, long Length, DateTimeOffset Created, bool IsBare = false, long? TailAt = null);

/// <summary>The storage has no room for the write. Answered as 507 by the S3 layer.</summary>
public class StorageFullException : IOException
{
    /// <summary>Creates the exception with a default message.</summary>
    public StorageFullException() : base("The storage is full.") { }

    /// <summary>Creates the exception with a message.</summary>
    public StorageFullException(string message) : base(message) { }

    /// <summary>Creates the exception with a message and its cause.</summary>
    public StorageFullException(string message, Exception inner) : base(message, inner) { }
}
