using Tarn.Core.Backups;
using Tarn.Core.Blobs;

namespace Tarn.Tests.Backups;

/// <summary>A place of backups whose calls end from one on, as if the process had been killed there.</summary>
/// <param name="inner">The place.</param>
/// <param name="last">So many calls are made.</param>
internal sealed class SteppedTarget(IBackupTarget inner, int last) : IBackupTarget
{
    private int _calls;

    public string Place => inner.Place;

    public IBlobStore Blobs => new SteppedBlobs(this, inner.Blobs);

    public bool TrustsListing => inner.TrustsListing;

    public string CreateScratch() => inner.CreateScratch();

    public ValueTask<(long Length, string Sha256, bool IsNew)> AddAsync(FileStream content, bool mayShare, CancellationToken cancellationToken) =>
        Next().AddAsync(content, mayShare, cancellationToken);

    public ValueTask<bool> HasAsync(string sha256, long length, CancellationToken cancellationToken) => Next().HasAsync(sha256, length, cancellationToken);

    public ValueTask<Stream?> OpenAsync(string sha256, CancellationToken cancellationToken) => Next().OpenAsync(sha256, cancellationToken);

    public ValueTask<Stream?> OpenListAsync(string sha256, CancellationToken cancellationToken) => Next().OpenListAsync(sha256, cancellationToken);

    public bool Takes(long length, long allocated) => Next().Takes(length, allocated);

    public ValueTask<bool> FetchAsync(string sha256, string path, CancellationToken cancellationToken) => Next().FetchAsync(sha256, path, cancellationToken);

    public IAsyncEnumerable<string> ListAsync(CancellationToken cancellationToken) => Next().ListAsync(cancellationToken);

    public ValueTask RemoveAsync(string sha256, CancellationToken cancellationToken) => Next().RemoveAsync(sha256, cancellationToken);

    public ValueTask BeginAsync(string name, CancellationToken cancellationToken) => Next().BeginAsync(name, cancellationToken);

    public ValueTask EndAsync(string name, CancellationToken cancellationToken) => Next().EndAsync(name, cancellationToken);

    public ValueTask<IReadOnlyList<string>> NotesAsync(CancellationToken cancellationToken) => Next().NotesAsync(cancellationToken);

    public ValueTask<IReadOnlyList<string>> NamesAsync(CancellationToken cancellationToken) => Next().NamesAsync(cancellationToken);

    public ValueTask<byte[]?> ReadManifestAsync(string name, CancellationToken cancellationToken) => Next().ReadManifestAsync(name, cancellationToken);

    public ValueTask WriteManifestAsync(string name, byte[] content, CancellationToken cancellationToken) => Next().WriteManifestAsync(name, content, cancellationToken);

    public ValueTask RemoveManifestAsync(string name, CancellationToken cancellationToken) => Next().RemoveManifestAsync(name, cancellationToken);

    public bool TryLockOutReaders(out IDisposable? alone) => Next().TryLockOutReaders(out alone);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private IBackupTarget Next() => ++_calls > last ? throw new CutOffException() : inner;

    /// <summary>Not a failure that work handles: nothing runs after it but what disposes.</summary>
    public sealed class CutOffException : Exception;

    private sealed class SteppedBlobs(SteppedTarget target, IBlobStore blobs) : IBlobStore
    {
        public ValueTask<IBlobWriter> CreateAsync(BlobId id, long? expectedLength, CancellationToken cancellationToken) => Next().CreateAsync(id, expectedLength, cancellationToken);

        public ValueTask<IBlobWriter> CreateCopyAsync(BlobId id, long length, bool isBare, CancellationToken cancellationToken) =>
            Next().CreateCopyAsync(id, length, isBare, cancellationToken);

        public ValueTask<IBlobReader?> OpenAsync(BlobId id, CancellationToken cancellationToken) => Next().OpenAsync(id, cancellationToken);

        public ValueTask<BlobInfo?> FindAsync(BlobId id, CancellationToken cancellationToken) => Next().FindAsync(id, cancellationToken);

        public ValueTask<bool> SealAsync(BlobId id, ReadOnlyMemory<byte> tail, CancellationToken cancellationToken) => Next().SealAsync(id, tail, cancellationToken);

        public ValueTask DeleteAsync(BlobId id, CancellationToken cancellationToken) => Next().DeleteAsync(id, cancellationToken);

        public IAsyncEnumerable<BlobInfo> ListAsync(CancellationToken cancellationToken) => Next().ListAsync(cancellationToken);

        public IAsyncEnumerable<BlobInfo> ListAsync(int fromDirectory, CancellationToken cancellationToken) => Next().ListAsync(fromDirectory, cancellationToken);

        public ValueTask DisposeAsync() => default;

        private IBlobStore Next()
        {
            target.Next();
            return blobs;
        }
    }
}
