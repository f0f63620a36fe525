using System.Buffers;
using System.Collections.Concurrent;
using Microsoft.Win32.SafeHandles;

namespace Tarn.Core.Blobs;

/// <summary>Keeps blobs in memory, for tests, and as a plain reference of what every engine must do.</summary>
public sealed class MemoryBlobStore(TimeProvider time) : IBlobStore, ISetAsideStore, IReplacingBlobs
{
    private static ulong _volumes;

    private readonly ConcurrentDictionary<BlobId, Blob> _blobs = new();
    private readonly ConcurrentDictionary<BlobId, Blob> _aside = new();
    private readonly ulong _volume = Interlocked.Increment(ref _volumes);
    private ulong _numbers;

    /// <summary>Adds a blob as builds before layout 1 stored it.</summary>
    /// <exception cref="ArgumentException">There is a blob with that id.</exception>
    public void AddBare(BlobId id, ReadOnlySpan<byte> payload)
    {
        if (!_blobs.TryAdd(id, new Blob(payload.ToArray(), time.GetUtcNow(), IsBare: true, _volume, NextNumber())))
        {
            throw new ArgumentException($"The blob {id} already exists.", nameof(id));
        }
    }

    /// <inheritdoc/>
    public ValueTask<IBlobWriter> CreateAsync(BlobId id, long? expectedLength, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(new Writer(this, id, isBare: false, isCopy: false));
    }

    /// <inheritdoc/>
    public ValueTask<IBlobWriter> CreateCopyAsync(BlobId id, long length, bool isBare, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(new Writer(this, id, isBare, isCopy: true));
    }

    /// <inheritdoc/>
    public ValueTask<IBlobWriter> CreateReplacementAsync(
        BlobId id, long length, Func<BlobStamp, bool> mayReplace, Func<IBlobReader, ValueTask<bool>> isWritten, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(new Writer(this, id, isBare: false, mayReplace: mayReplace, isWritten: isWritten));
    }

    /// <inheritdoc/>
    public ValueTask<IBlobReader?> OpenAsync(BlobId id, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(_blobs.TryGetValue(id, out Blob? blob) ? new Reader(blob) : null);
    }

    /// <inheritdoc/>
    public ValueTask<BlobInfo?> FindAsync(BlobId id, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(_blobs.TryGetValue(id, out Blob? blob) ? blob.Describe(id) : null);
    }

    /// <inheritdoc/>
    public ValueTask<bool> SealAsync(BlobId id, ReadOnlyMemory<byte> tail, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        while (_blobs.TryGetValue(id, out Blob? bare) && bare.IsBare)
        {
            if (_blobs.TryUpdate(id, bare with { Bytes = [.. bare.Bytes, .. tail.Span], IsBare = false, Number = NextNumber(), TailAt = bare.Bytes.Length }, bare))
            {
                return new(true);
            }
        }

        return new(false);
    }

    /// <inheritdoc/>
    public ValueTask DeleteAsync(BlobId id, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _blobs.TryRemove(id, out _);
        return default;
    }

    /// <inheritdoc/>
    public ValueTask<bool> SetAsideAsync(BlobId id, CancellationToken cancellationToken) => new(Move(id, _blobs, _aside));

    /// <inheritdoc/>
    public ValueTask<bool> BringBackAsync(BlobId id, CancellationToken cancellationToken) => new(Move(id, _aside, _blobs));

    /// <inheritdoc/>
    public ValueTask DropAsideAsync(BlobId id, CancellationToken cancellationToken)
    {
        _aside.TryRemove(id, out _);
        return default;
    }

    /// <inheritdoc/>
    public ValueTask<IBlobReader?> OpenAsideAsync(BlobId id, CancellationToken cancellationToken) => new(_aside.TryGetValue(id, out Blob? blob) ? new Reader(blob) : null);

    /// <inheritdoc/>
    public async IAsyncEnumerable<BlobInfo> ListAsideAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        foreach ((BlobId id, Blob blob) in _aside)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return blob.Describe(id);
        }
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
            yield return blob.Describe(id);
        }
    }

    /// <summary>Does nothing: there is nothing to release.</summary>
    public ValueTask DisposeAsync() => default;

    private sealed record Blob(byte[] Bytes, DateTimeOffset Created, bool IsBare, ulong Volume, ulong Number, long? TailAt = null)
    {
        public BlobStamp Stamp => new(Volume, Number, 0);

        public BlobInfo Describe(BlobId id) => new(id, Bytes.Length, Created, IsBare, TailAt);
    }

    private sealed class Writer(
        MemoryBlobStore store, BlobId id, bool isBare, bool isCopy = false, Func<BlobStamp, bool>? mayReplace = null, Func<IBlobReader, ValueTask<bool>>? isWritten = null) : IBlobWriter
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

        public async ValueTask CommitAsync(CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ObjectDisposedException.ThrowIf(_done, this);
            _done = true;
            var blob = new Blob(_data.WrittenSpan.ToArray(), store.Now, isBare, store._volume, store.NextNumber());
            if (isWritten is not null && !await isWritten(new Reader(blob)))
            {
                throw new IOException($"The blob {id} was not replaced: the device has other bytes than were written.");
            }

            if (isCopy)
            {
                store._blobs[id] = blob;
            }
            else if (mayReplace is null && !store._blobs.TryAdd(id, blob))
            {
                throw new IOException($"The blob {id} already exists.");
            }

            if (mayReplace is not null && !(store._blobs.TryGetValue(id, out Blob? old) && mayReplace(old.Stamp) && store._blobs.TryUpdate(id, blob, old)))
            {
                throw new IOException($"The blob {id} must not be replaced: it is another one by now, or gone, or needed as it is.");
            }
        }

        public ValueTask DisposeAsync()
        {
            _done = true;
            return default;
        }
    }

    private static bool Move(BlobId id, ConcurrentDictionary<BlobId, Blob> from, ConcurrentDictionary<BlobId, Blob> to) =>
        from.TryRemove(id, out Blob? blob) && to.TryAdd(id, blob);

    private DateTimeOffset Now => time.GetUtcNow();

    private ulong NextNumber() => Interlocked.Increment(ref _numbers);

    private sealed class Reader(Blob blob) : IBlobReader
    {
        public long Length => blob.Bytes.Length;

        public bool IsBare => blob.IsBare;

        public long? TailAt => blob.TailAt;

        public SafeFileHandle? FileHandle => null;

        public BlobStamp Stamp => blob.Stamp;

        public void DropCached(long offset, long length)
        {
        }

        public ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return new(TryReadCached(offset, buffer.Span));
        }

        public int TryReadCached(long offset, Span<byte> buffer)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(offset);
            byte[] bytes = blob.Bytes;
            int count = (int)Math.Clamp(bytes.Length - offset, 0, buffer.Length);
            bytes.AsSpan((int)Math.Min(offset, bytes.Length), count).CopyTo(buffer);
            return count;
        }

        public ValueTask DisposeAsync() => default;
    }
}
