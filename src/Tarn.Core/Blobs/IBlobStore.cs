using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace Tarn.Core.Blobs;

/// <summary>
/// Seam 2: immutable byte strings. A blob appears whole and durable when its writer commits, and never changes;
/// its id is never used again.
/// </summary>
public interface IBlobStore : IAsyncDisposable
{
    /// <summary>Starts a blob under an id that was never used.</summary>
    /// <param name="id">The new blob's id.</param>
    /// <param name="expectedLength">The length in bytes when it is known, so that the engine may preallocate.</param>
    /// <param name="cancellationToken">Abandons the start.</param>
    /// <exception cref="StorageFullException">There is no room.</exception>
    ValueTask<IBlobWriter> CreateAsync(BlobId id, long? expectedLength, CancellationToken cancellationToken);

    /// <summary>Opens a committed blob; null when there is none of that id.</summary>
    ValueTask<IBlobReader?> OpenAsync(BlobId id, CancellationToken cancellationToken);

    /// <summary>Removes a blob; one that is not there is no error. Readers that have it open may read on.</summary>
    ValueTask DeleteAsync(BlobId id, CancellationToken cancellationToken);

    /// <summary>All committed blobs.</summary>
    IAsyncEnumerable<BlobInfo> ListAsync(CancellationToken cancellationToken);

    /// <summary>The committed blobs from one <see cref="BlobId.Directory"/> on, in the order of these; those of one are in no order.</summary>
    IAsyncEnumerable<BlobInfo> ListAsync(int fromDirectory, CancellationToken cancellationToken);
}

/// <summary>Appends to a new blob. Disposed without <see cref="CommitAsync"/>, nothing is left behind.</summary>
public interface IBlobWriter : IAsyncDisposable
{
    /// <summary>Appends. The memory may be reused once the call completes.</summary>
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

    /// <summary>The file that holds exactly this blob's bytes, where there is one: lets the transport send it without copying.</summary>
    SafeFileHandle? FileHandle { get; }

    /// <summary>Reads up to <paramref name="buffer"/>.Length bytes at <paramref name="offset"/>; 0 only at or past the end.</summary>
    ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken);
}

/// <summary>What a listing of blobs says of each: its id, length in bytes and when it was committed.</summary>
public readonly record struct BlobInfo(BlobId Id, long Length, DateTimeOffset Created);

/// <summary>The storage has no room for the write. Answered as 507 by the S3 layer.</summary>
public sealed class StorageFullException : IOException
{
    public StorageFullException() : base("The storage is full.") { }

    public StorageFullException(string message) : base(message) { }

    public StorageFullException(string message, Exception inner) : base(message, inner) { }
}
