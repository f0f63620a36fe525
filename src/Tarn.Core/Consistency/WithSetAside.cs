using Tarn.Core.Blobs;

namespace Tarn.Core.Consistency;

/// <summary>The blobs of a store, read only, together with those that were set aside in it: without metadata these may be objects too.</summary>
internal sealed class WithSetAside(IBlobStore inner, ISetAsideStore aside) : IBlobStore
{
    public ValueTask<IBlobWriter> CreateAsync(BlobId id, long? expectedLength, CancellationToken cancellationToken) => throw OnlyReads();

    public ValueTask<IBlobWriter> CreateCopyAsync(BlobId id, long length, bool isBare, CancellationToken cancellationToken) => throw OnlyReads();

    public async ValueTask<IBlobReader?> OpenAsync(BlobId id, CancellationToken cancellationToken) =>
        await inner.OpenAsync(id, cancellationToken) ?? await aside.OpenAsideAsync(id, cancellationToken);

    public ValueTask<BlobInfo?> FindAsync(BlobId id, CancellationToken cancellationToken) => inner.FindAsync(id, cancellationToken);

    public ValueTask<bool> SealAsync(BlobId id, ReadOnlyMemory<byte> tail, CancellationToken cancellationToken) => throw OnlyReads();

    public ValueTask DeleteAsync(BlobId id, CancellationToken cancellationToken) => throw OnlyReads();

    public IAsyncEnumerable<BlobInfo> ListAsync(CancellationToken cancellationToken) => inner.ListAsync(cancellationToken);

    public IAsyncEnumerable<BlobInfo> ListAsync(int fromDirectory, CancellationToken cancellationToken) => inner.ListAsync(fromDirectory, cancellationToken);

    /// <summary>Does nothing: the store underneath is not this one's.</summary>
    public ValueTask DisposeAsync() => default;

    private static InvalidOperationException OnlyReads() => new("The store is only read.");
}
