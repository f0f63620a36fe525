using System.Buffers;
using System.Runtime.CompilerServices;
using Microsoft.Win32.SafeHandles;
using Tarn.Core.Blobs;

namespace Tarn.Server.Backups;

/// <summary>Blobs of backups as objects: <c>blobs/ab/id</c>, and <c>blobs/ab/cd/id</c> for those without checksums.</summary>
/// <param name="objects">The objects.</param>
/// <param name="scratch">Where a blob is kept until it is whole.</param>
internal sealed class S3Blobs(S3Objects objects, ScratchFiles scratch) : IBlobStore
{
    private const int IdDigits = 32;

    public ValueTask<IBlobWriter> CreateAsync(BlobId id, long? expectedLength, CancellationToken cancellationToken) => new(new Writer(objects, BackupLayout.BlobOf(id), scratch));

    public ValueTask<IBlobWriter> CreateCopyAsync(BlobId id, long length, bool isBare, CancellationToken cancellationToken) =>
        new(new Writer(objects, isBare ? BackupLayout.BareBlobOf(id) : BackupLayout.BlobOf(id), scratch));

    public async ValueTask<IBlobReader?> OpenAsync(BlobId id, CancellationToken cancellationToken) =>
        await FindAsync(id, cancellationToken) is { } info ? new Reader(objects, info.IsBare ? BackupLayout.BareBlobOf(id) : BackupLayout.BlobOf(id), info) : null;

    public async ValueTask<BlobInfo?> FindAsync(BlobId id, CancellationToken cancellationToken)
    {
        if (await objects.FindAsync(BackupLayout.BlobOf(id), cancellationToken) is { } length)
        {
            return new BlobInfo(id, length, default);
        }

        if (await objects.FindAsync(BackupLayout.BareBlobOf(id), cancellationToken) is { } bare)
        {
            return new BlobInfo(id, bare, default, IsBare: true);
        }

        // It is missing only where there is a place that could have it.
        await objects.ThrowIfNoBucketAsync(cancellationToken);
        return null;
    }

    public ValueTask<bool> SealAsync(BlobId id, ReadOnlyMemory<byte> tail, CancellationToken cancellationToken) => throw new NotSupportedException("Blobs of backups are never changed.");

    public async ValueTask DeleteAsync(BlobId id, CancellationToken cancellationToken)
    {
        await objects.DeleteAsync(BackupLayout.BlobOf(id), cancellationToken);
        await objects.DeleteAsync(BackupLayout.BareBlobOf(id), cancellationToken);
    }

    public IAsyncEnumerable<BlobInfo> ListAsync(CancellationToken cancellationToken) => ListAsync(0, cancellationToken);

    public async IAsyncEnumerable<BlobInfo> ListAsync(int fromDirectory, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (int directory = fromDirectory; directory < 256; directory++)
        {
            await foreach ((string name, long length, DateTimeOffset modified) in objects.ListAsync(BackupLayout.BlobsIn(directory), cancellationToken))
            {
                ReadOnlySpan<char> file = Path.GetFileName(name.AsSpan());
                if (file.Length == IdDigits && BlobId.TryParse(file, out BlobId id) && (name == BackupLayout.BlobOf(id) || name == BackupLayout.BareBlobOf(id)))
                {
                    yield return new BlobInfo(id, length, modified, IsBare: name == BackupLayout.BareBlobOf(id));
                }
            }
        }
    }

    public ValueTask DisposeAsync() => default;

    /// <summary>Keeps a blob in a file until it is whole, so that what is damaged is never sent.</summary>
    private sealed class Writer(S3Objects objects, string name, ScratchFiles scratch) : IBlobWriter
    {
        private readonly FileStream _file = scratch.Create();

        public async ValueTask WriteAsync(ReadOnlySequence<byte> data, CancellationToken cancellationToken)
        {
            foreach (ReadOnlyMemory<byte> segment in data)
            {
                await _file.WriteAsync(segment, cancellationToken);
            }
        }

        public async ValueTask CommitAsync(CancellationToken cancellationToken)
        {
            await _file.FlushAsync(cancellationToken);
            await objects.PutAsync(name, _file, cancellationToken);
        }

        public ValueTask DisposeAsync() => _file.DisposeAsync();
    }

    /// <summary>Reads one request after the other: reads that follow each other are one request.</summary>
    private sealed class Reader(S3Objects objects, string name, BlobInfo info) : IBlobReader
    {
        private readonly SemaphoreSlim _one = new(1);
        private Stream? _open;
        private long _at;

        public long Length => info.Length;

        public bool IsBare => info.IsBare;

        public long? TailAt => null;

        public SafeFileHandle? FileHandle => null;

        public BlobStamp Stamp => default;

        public async ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
        {
            if (offset >= info.Length)
            {
                return 0;
            }

            await _one.WaitAsync(cancellationToken);
            try
            {
                if (_open is null || _at != offset)
                {
                    await CloseAsync();
                    _open = await objects.OpenAsync(name, offset, cancellationToken) ?? throw new IOException($"{objects.Place}: {name} is gone");
                    _at = offset;
                }

                int count = await _open.ReadAsync(buffer, cancellationToken);
                _at += count;
                return count;
            }
            finally
            {
                _one.Release();
            }
        }

        public int TryReadCached(long offset, Span<byte> buffer) => 0;

        public void DropCached(long offset, long length)
        {
        }

        public async ValueTask DisposeAsync()
        {
            await CloseAsync();
            _one.Dispose();
        }

        private async ValueTask CloseAsync()
        {
            if (_open is not null)
            {
                await _open.DisposeAsync();
                _open = null;
            }
        }
    }
}
