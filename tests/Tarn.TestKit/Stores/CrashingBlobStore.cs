using System.Buffers;
using Tarn.Core.Blobs;

namespace Tarn.TestKit.Stores;

/// <summary>
/// Blobs whose process dies around the nth change: create, write, commit and delete each count as one. Share the crash
/// point with a <see cref="CrashingKeyValueStore"/> to count both. Disposing this decorator leaves the store underneath open.
/// </summary>
public sealed class CrashingBlobStore(IBlobStore inner, CrashPoint crash) : IBlobStore, ISetAsideStore, IReplacingBlobs
{
    public ValueTask<IBlobWriter> CreateAsync(BlobId id, long? expectedLength, CancellationToken cancellationToken) =>
        crash.RunAsync<IBlobWriter>(
            "blob create",
            async () => new Writer(await inner.CreateAsync(id, expectedLength, cancellationToken), crash));

    public ValueTask<IBlobWriter> CreateReplacementAsync(
        BlobId id, long length, Func<BlobStamp, bool> mayReplace, Func<IBlobReader, ValueTask<bool>> isWritten, CancellationToken cancellationToken) =>
        crash.RunAsync<IBlobWriter>(
            "blob create",
            async () => new Writer(await ((IReplacingBlobs)inner).CreateReplacementAsync(id, length, mayReplace, isWritten, cancellationToken), crash));
    public ValueTask<IBlobWriter> CreateCopyAsync(BlobId id, long length, bool isBare, CancellationToken cancellationToken) =>
        crash.RunAsync<IBlobWriter>(
            "blob create",
            async () => new Writer(await inner.CreateCopyAsync(id, length, isBare, cancellationToken), crash));

    public ValueTask<IBlobReader?> OpenAsync(BlobId id, CancellationToken cancellationToken) =>
        inner.OpenAsync(id, cancellationToken);

    public ValueTask<BlobInfo?> FindAsync(BlobId id, CancellationToken cancellationToken) => inner.FindAsync(id, cancellationToken);

    public ValueTask<bool> SealAsync(BlobId id, ReadOnlyMemory<byte> tail, CancellationToken cancellationToken) =>
        crash.RunAsync("blob seal", () => inner.SealAsync(id, tail, cancellationToken));

    public ValueTask DeleteAsync(BlobId id, CancellationToken cancellationToken) =>
        crash.RunAsync("blob delete", () => inner.DeleteAsync(id, cancellationToken));

    public ValueTask<bool> SetAsideAsync(BlobId id, CancellationToken cancellationToken) =>
        crash.RunAsync("blob set aside", () => Aside.SetAsideAsync(id, cancellationToken));

    public ValueTask<bool> BringBackAsync(BlobId id, CancellationToken cancellationToken) =>
        crash.RunAsync("blob bring back", () => Aside.BringBackAsync(id, cancellationToken));

    public ValueTask DropAsideAsync(BlobId id, CancellationToken cancellationToken) =>
        crash.RunAsync("blob drop aside", () => Aside.DropAsideAsync(id, cancellationToken));

    public ValueTask<IBlobReader?> OpenAsideAsync(BlobId id, CancellationToken cancellationToken) => Aside.OpenAsideAsync(id, cancellationToken);

    public IAsyncEnumerable<BlobInfo> ListAsideAsync(CancellationToken cancellationToken) => Aside.ListAsideAsync(cancellationToken);

    private ISetAsideStore Aside => (ISetAsideStore)inner;

    public IAsyncEnumerable<BlobInfo> ListAsync(CancellationToken cancellationToken) => inner.ListAsync(cancellationToken);

    public IAsyncEnumerable<BlobInfo> ListAsync(int fromDirectory, CancellationToken cancellationToken) => inner.ListAsync(fromDirectory, cancellationToken);

    public ValueTask DisposeAsync() => default;

    private sealed class Writer(IBlobWriter inner, CrashPoint crash) : IBlobWriter
    {
        public ValueTask WriteAsync(ReadOnlySequence<byte> data, CancellationToken cancellationToken) =>
            crash.RunAsync("blob write", () => inner.WriteAsync(data, cancellationToken));

        public ValueTask CommitAsync(CancellationToken cancellationToken) =>
            crash.RunAsync("blob commit", () => inner.CommitAsync(cancellationToken));

        // Runs after a crash too: it only frees what the test's own process would leak.
        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
