using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace Tarn.Core.Blobs;

/// <summary>
/// The second storage seam: immutable byte strings. A blob appears whole and durable when its writer commits, and never changes;
/// its id is never reused.
/// </summary>
public interface IBlobStore : IAsyncDisposable
{
    /// <summary>Starts writing a blob under a new id.</summary>
    /// <param name="id">The new blob's id.</param>
    /// <param name="expectedLength">The length in bytes if known, so that the engine can preallocate; null if not.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="StorageFullException">There is no room.</exception>
    ValueTask<IBlobWriter> CreateAsync(BlobId id, long? expectedLength, CancellationToken cancellationToken);

    /// <summary>Opens a committed blob; null when there is none with that id.</summary>
    ValueTask<IBlobReader?> OpenAsync(BlobId id, CancellationToken cancellationToken);

    /// <summary>Removes a blob if it exists. Readers that have it open can continue to read.</summary>
    ValueTask DeleteAsync(BlobId id, CancellationToken cancellationToken);

    /// <summary>Lists all committed blobs.</summary>
    IAsyncEnumerable<BlobInfo> ListAsync(CancellationToken cancellationToken);

    /// <summary>Lists the committed blobs from one <see cref="BlobId.Directory"/> on, directory by directory; within a directory they are in no order.</summary>
    IAsyncEnumerable<BlobInfo> ListAsync(int fromDirectory, CancellationToken cancellationToken);
}

/// <summary>Appends to a new blob. Disposed without <see cref="CommitAsync"/>, nothing is left behind.</summary>
public interface IBlobWriter : IAsyncDisposable
{
    /// <summary>Appends bytes. The memory may be reused once the call completes.</summary>
    /// <exception cref="StorageFullException">There is no room.</exception>
    ValueTask WriteAsync(ReadOnlySequence<byte> data, CancellationToken cancellationToken);

    /// <summary>Makes the blob durable and visible under its id.</summary>
    /// <exception cref="StorageFullException">There is no room.</exception>
    ValueTask CommitAsync(CancellationToken cancellationToken);
}

/// <summary>An open, committed blob. Reads at different offsets may run at once.</summary>
public interface IBlobReader : IAsyncDisposable
{
    /// <summary>Bytes.</summary>
    long Length { get; }

    /// <summary>The file that holds exactly this blob's bytes, which the transport can send without copying; null when there is none.</summary>
    SafeFileHandle? FileHandle { get; }

    /// <summary>Reads up to <paramref name="buffer"/>.Length bytes at <paramref name="offset"/>; 0 only at or past the end.</summary>
    ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken);
}

/// <summary>A blob in a listing: its id, its length in bytes and when it was committed.</summary>
public readonly record struct BlobInfo(BlobId Id, long Length, DateTimeOffset Created);

/// <summary>The storage has no room for the write. Answered as 507 by the S3 layer.</summary>
public sealed class StorageFullException : IOException
{
    /// <summary>Creates the exception with a default message.</summary>
    public StorageFullException() : base("The storage is full.") { }

    /// <summary>Creates the exception with a message.</summary>
    public StorageFullException(string message) : base(message) { }

    /// <summary>Creates the exception with a message and its cause.</summary>
    public StorageFullException(string message, Exception inner) : base(message, inner) { }
}
