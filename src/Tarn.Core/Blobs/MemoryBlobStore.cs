using System.Buffers;
using System.Collections.Concurrent;
using Microsoft.Win32.SafeHandles;

namespace Tarn.Core.Blobs;

/// <summary>Keeps blobs in memory, for tests, and as a plain reference of what every engine must do.</summary>
public sealed class MemoryBlobStore(TimeProvider time) : IBlobStore
{
    private readonly ConcurrentDictionary<BlobId, Blob> _blobs = new();

    /// <inheritdoc/>
    public ValueTask<IBlobWriter> CreateAsync(BlobId id, long? expectedLength, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(new Writer(this, id));
    }

    /// <inheritdoc/>
    public ValueTask<IBlobReader?> OpenAsync(BlobId id, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(_blobs.TryGetValue(id, out Blob? blob) ? new Reader(blob.Bytes) : null);
    }

    /// <inheritdoc/>
    public ValueTask DeleteAsync(BlobId id, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _blobs.TryRemove(id, out _);
        return default;
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<BlobInfo> ListAsync(CancellationToken cancellationToken) => ListAsync(0, cancellationToken);

    /// <inheritdoc/>
    public async IAsyncEnumerable<BlobInfo> ListAsync(
        int fromDirectory, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        foreach ((BlobId id, Blob blob) in _blobs.Where(pair => pair.Key.Directory >= fromDirectory).OrderBy(pair => pair.Key.Directory))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return new BlobInfo(id, blob.Bytes.Length, blob.Created);
        }
    }

    /// <summary>Does nothing: there is nothing to release.</summary>
    public ValueTask DisposeAsync() => default;

    private sealed record Blob(byte[] Bytes, DateTimeOffset Created);

    private sealed class Writer(MemoryBlobStore store, BlobId id) : IBlobWriter
    {
        private readonly ArrayBufferWriter<byte> _data = new();
        private bool _done;

        public ValueTask WriteAsync(ReadOnlySequence<byte> data, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ObjectDisposedException.ThrowIf(_done, this);
            foreach (ReadOnlyMemory<byte> segment in data)
            {
                _data.Write(segment.Span);
            }

            return default;
        }

        public ValueTask CommitAsync(CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ObjectDisposedException.ThrowIf(_done, this);
            _done = true;
            if (!store._blobs.TryAdd(id, new Blob(_data.WrittenSpan.ToArray(), store.Now)))
            {
                throw new IOException($"The blob {id} already exists.");
            }

            return default;
        }

        public ValueTask DisposeAsync()
        {
            _done = true;
            return default;
        }
    }

    private DateTimeOffset Now => time.GetUtcNow();

    private sealed class Reader(byte[] bytes) : IBlobReader
    {
        public long Length => bytes.Length;

        public SafeFileHandle? FileHandle => null;

        public ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ArgumentOutOfRangeException.ThrowIfNegative(offset);
            int count = (int)Math.Clamp(bytes.Length - offset, 0, buffer.Length);
            bytes.AsSpan((int)Math.Min(offset, bytes.Length), count).CopyTo(buffer.Span);
            return new(count);
        }

        public ValueTask DisposeAsync() => default;
    }
}
