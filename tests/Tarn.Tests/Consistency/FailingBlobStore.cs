using System.Buffers;
using System.Runtime.CompilerServices;
using Tarn.Core.Blobs;

namespace Tarn.Tests.Consistency;

/// <summary>A store on a device that cannot read everything.</summary>
internal sealed class FailingBlobStore(IBlobStore inner) : IBlobStore
{
    /// <summary>The blobs that cannot be opened.</summary>
    public HashSet<BlobId> NotOpened { get; } = [];

    /// <summary>How many reads succeed of a blob that is among these; further ones fail.</summary>
    public Dictionary<BlobId, int> ReadsLeft { get; } = [];

    /// <summary>The directories that cannot be listed.</summary>
    public HashSet<int> NotListed { get; } = [];

    /// <summary>Runs before bytes are written to a new blob.</summary>
    public Func<Task>? Writing { get; set; }

    public async ValueTask<IBlobWriter> CreateAsync(BlobId id, long? expectedLength, CancellationToken cancellationToken)
    {
        IBlobWriter writer = await inner.CreateAsync(id, expectedLength, cancellationToken);
        return Writing is null ? writer : new Writer(Writing, writer);
    }

    public ValueTask<IBlobWriter> CreateCopyAsync(BlobId id, long length, bool isBare, CancellationToken cancellationToken) =>
        inner.CreateCopyAsync(id, length, isBare, cancellationToken);

    public async ValueTask<IBlobReader?> OpenAsync(BlobId id, CancellationToken cancellationToken) =>
        NotOpened.Contains(id) ? throw Failure()
        : await inner.OpenAsync(id, cancellationToken) is { } reader ? new Reader(this, id, reader)
        : null;

    public ValueTask<BlobInfo?> FindAsync(BlobId id, CancellationToken cancellationToken) => NotOpened.Contains(id) ? throw Failure() : inner.FindAsync(id, cancellationToken);

    public ValueTask<bool> SealAsync(BlobId id, ReadOnlyMemory<byte> tail, CancellationToken cancellationToken) => inner.SealAsync(id, tail, cancellationToken);

    public ValueTask DeleteAsync(BlobId id, CancellationToken cancellationToken) => inner.DeleteAsync(id, cancellationToken);

    public IAsyncEnumerable<BlobInfo> ListAsync(CancellationToken cancellationToken) => ListAsync(0, cancellationToken);

    public async IAsyncEnumerable<BlobInfo> ListAsync(int fromDirectory, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (int directory = fromDirectory; directory < 256; directory++)
        {
            if (NotListed.Contains(directory))
            {
                throw Failure();
            }

            await foreach (BlobInfo info in inner.ListAsync(directory, cancellationToken))
            {
                if (info.Id.Directory == directory)
                {
                    yield return info;
                }
            }
        }
    }

    public ValueTask DisposeAsync() => default;

    private static IOException Failure() => new("Input/output error");

    private sealed class Writer(Func<Task> writing, IBlobWriter inner) : IBlobWriter
    {
        public async ValueTask WriteAsync(ReadOnlySequence<byte> data, CancellationToken cancellationToken)
        {
            await writing();
            await inner.WriteAsync(data, cancellationToken);
        }

        public ValueTask CommitAsync(CancellationToken cancellationToken) => inner.CommitAsync(cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }

    private sealed class Reader(FailingBlobStore store, BlobId id, IBlobReader inner) : IBlobReader
    {
        public long Length => inner.Length;

        public bool IsBare => inner.IsBare;

        public long? TailAt => inner.TailAt;

        public Microsoft.Win32.SafeHandles.SafeFileHandle? FileHandle => null;

        public BlobStamp Stamp => inner.Stamp;

        public ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken) =>
            store.ReadsLeft.TryGetValue(id, out int left) && (store.ReadsLeft[id] = left - 1) < 0 ? throw Failure() : inner.ReadAsync(offset, buffer, cancellationToken);

        public int TryReadCached(long offset, Span<byte> buffer) => 0;

        public void DropCached(long offset, long length)
        {
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
