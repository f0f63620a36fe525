using System.Collections.Concurrent;
using Microsoft.Win32.SafeHandles;
using Tarn.Core.Blobs;

namespace Tarn.Tests.Blobs;

/// <summary>Blobs on a device that tests damage, behind a page cache that they empty and fill.</summary>
internal sealed class DeviceBlobStore(TimeProvider clock) : IBlobStore, ISetAsideStore, IReplacingBlobs
{
    private readonly MemoryBlobStore _written = new(clock);
    private readonly ConcurrentDictionary<BlobId, byte[]> _damaged = new();
    private readonly ConcurrentDictionary<BlobId, byte[]> _damagedAside = new();
    private readonly ConcurrentDictionary<BlobId, byte[]> _cache = new();
    private readonly ConcurrentDictionary<BlobId, long> _changes = new();

    /// <summary>Bytes read from the device.</summary>
    public long DeviceBytes { get; private set; }

    /// <summary>Calls that read from the device or the cache and returned something.</summary>
    public int Reads { get; private set; }

    /// <summary>Bytes read from the device or the cache.</summary>
    public long Bytes { get; private set; }

    /// <summary>A blob that the device fails to open, and how often it still does.</summary>
    public (BlobId Blob, int Times) Failing { get; set; }

    /// <summary>A byte of a blob that the device fails to read, as long as this is set.</summary>
    public (BlobId Blob, long At)? Unreadable { get; set; }

    /// <summary>The most bytes that a read from the device returns.</summary>
    public int MostAtOnce { get; set; } = int.MaxValue;

    /// <summary>Is called once, after the next read that is not answered from the cache alone.</summary>
    public Func<Task>? AfterRead { get; set; }

    /// <summary>Changes what writers write, as memory that flips a bit between the hash and the write does; null: nothing.</summary>
    public Func<byte[], byte[]>? OnWrite { get; set; }

    /// <summary>Changes what is on the device; the cache keeps what it has.</summary>
    public async Task DamageAsync(BlobId id, Func<byte[], byte[]> change) => _damaged[id] = change(await OnDeviceAsync(id));

    /// <summary>Changes a blob through the file system, as another program does: the cache has it, and what is open before is another one.</summary>
    public async Task WriteAsync(BlobId id, Func<byte[], byte[]> change)
    {
        await DamageAsync(id, change);
        await CacheAsync(id);
        _changes.AddOrUpdate(id, 1, static (_, n) => n + 1);
    }

    /// <summary>Puts back what was written.</summary>
    public void Repair(BlobId id) => _damaged.TryRemove(id, out _);

    /// <summary>Takes a blob away, as a file system that is not mounted does, until it is brought back.</summary>
    public bool IsAway { get; set; }

    /// <summary>Removes a blob behind the back of whoever uses the store.</summary>
    public async Task LoseAsync(BlobId id) => await DeleteAsync(id, CancellationToken.None);

    /// <summary>The bytes on the device.</summary>
    public async Task<byte[]> OnDeviceAsync(BlobId id)
    {
        if (_damaged.TryGetValue(id, out byte[]? damaged))
        {
            return damaged;
        }

        await using IBlobReader reader = await _written.OpenAsync(id, CancellationToken.None) ?? throw new InvalidOperationException("No such blob.");
        byte[] bytes = new byte[reader.Length];
        for (int at = 0; at < bytes.Length;)
        {
            at += await reader.ReadAsync(at, bytes.AsMemory(at), CancellationToken.None);
        }

        return bytes;
    }

    public void EmptyCache() => _cache.Clear();

    /// <summary>Reads a blob into the cache, as another program or the kernel's readahead does; memory may change it.</summary>
    public async Task CacheAsync(BlobId id, Func<byte[], byte[]>? change = null)
    {
        byte[] bytes = await OnDeviceAsync(id);
        _cache[id] = change is null ? bytes : change(bytes);
    }

    public void AddBare(BlobId id, ReadOnlySpan<byte> payload) => _written.AddBare(id, payload);

    public async ValueTask<IBlobWriter> CreateAsync(BlobId id, long? expectedLength, CancellationToken cancellationToken)
    {
        IBlobWriter writer = await _written.CreateAsync(id, expectedLength, cancellationToken);
        return OnWrite is { } change ? new Writer(writer, change) : writer;
    }

    /// <summary>Is called right before a blob takes the place of another.</summary>
    public Func<Task>? BeforeReplace { get; set; }

    /// <summary>Changes what the device has of a blob that is to take the place of another.</summary>
    public Func<byte[], byte[]> WrittenAs { get; set; } = static bytes => bytes;

    public async ValueTask<IBlobWriter> CreateReplacementAsync(
        BlobId id, long length, Func<BlobStamp, bool> mayReplace, Func<IBlobReader, ValueTask<bool>> isWritten, CancellationToken cancellationToken)
    {
        IBlobWriter writer = await _written.CreateReplacementAsync(
            id, length, stamp => !FailsMoves && mayReplace(stamp with { Changed = _changes.GetValueOrDefault(id) }), IsWrittenAsync, cancellationToken);
        return new Writer(writer, OnWrite ?? (static bytes => bytes))
        {
            BeforeCommit = async () => await (BeforeReplace?.Invoke() ?? Task.CompletedTask),
            AfterCommit = () =>
            {
                _damaged.TryRemove(id, out _);
                _cache.TryRemove(id, out _);
                return default;
            },
        };

        async ValueTask<bool> IsWrittenAsync(IBlobReader written)
        {
            byte[] bytes = new byte[written.Length];
            for (int at = 0; at < bytes.Length;)
            {
                at += await written.ReadAsync(at, bytes.AsMemory(at), cancellationToken);
            }

            return await isWritten(new Reader(this, id, WrittenAs(bytes), written.IsBare, written.TailAt, written.Stamp));
        }
    }

    public ValueTask<IBlobWriter> CreateCopyAsync(BlobId id, long length, bool isBare, CancellationToken cancellationToken)
    {
        _damaged.TryRemove(id, out _);
        return _written.CreateCopyAsync(id, length, isBare, cancellationToken);
    }

    public async ValueTask<IBlobReader?> OpenAsync(BlobId id, CancellationToken cancellationToken)
    {
        if (Failing is { Times: > 0 } failing && failing.Blob == id)
        {
            Failing = failing with { Times = failing.Times - 1 };
            throw new IOException("Input/output error");
        }

        return await OpenReadableAsync(id, cancellationToken);
    }

    private async ValueTask<IBlobReader?> OpenReadableAsync(BlobId id, CancellationToken cancellationToken) =>
        !IsAway && await _written.OpenAsync(id, cancellationToken) is { } reader
            ? new Reader(this, id, await OnDeviceAsync(id), reader.IsBare, reader.TailAt, reader.Stamp with { Changed = _changes.GetValueOrDefault(id) })
            : null;

    public async ValueTask<BlobInfo?> FindAsync(BlobId id, CancellationToken cancellationToken) =>
        !IsAway && await _written.FindAsync(id, cancellationToken) is { } info ? info with { Length = (await OnDeviceAsync(id)).Length } : null;

    public ValueTask<bool> SealAsync(BlobId id, ReadOnlyMemory<byte> tail, CancellationToken cancellationToken) => _written.SealAsync(id, tail, cancellationToken);

    public async ValueTask DeleteAsync(BlobId id, CancellationToken cancellationToken)
    {
        _damaged.TryRemove(id, out _);
        _cache.TryRemove(id, out _);
        await _written.DeleteAsync(id, cancellationToken);
    }

    /// <summary>Fails the next moves of blobs to the place of those that were set aside, from there, and out of it.</summary>
    public bool FailsMoves { get; set; }

    public ValueTask<bool> SetAsideAsync(BlobId id, CancellationToken cancellationToken) => MoveAsync(id, _damaged, _damagedAside, _written.SetAsideAsync, cancellationToken);

    public ValueTask<bool> BringBackAsync(BlobId id, CancellationToken cancellationToken) => MoveAsync(id, _damagedAside, _damaged, _written.BringBackAsync, cancellationToken);

    private async ValueTask<bool> MoveAsync(
        BlobId id, ConcurrentDictionary<BlobId, byte[]> from, ConcurrentDictionary<BlobId, byte[]> to, Func<BlobId, CancellationToken, ValueTask<bool>> move, CancellationToken cancellationToken)
    {
        if (FailsMoves)
        {
            throw Failed();
        }

        if (!await move(id, cancellationToken))
        {
            return false;
        }

        if (from.TryRemove(id, out byte[]? damaged))
        {
            to[id] = damaged;
        }

        return true;
    }

    public ValueTask DropAsideAsync(BlobId id, CancellationToken cancellationToken)
    {
        if (FailsMoves)
        {
            throw Failed();
        }

        _damagedAside.TryRemove(id, out _);
        return _written.DropAsideAsync(id, cancellationToken);
    }

    /// <summary>How often blobs that were set aside were opened, and listed.</summary>
    public int AsideOpens { get; private set; }

    public int AsideLists { get; private set; }

    public ValueTask<IBlobReader?> OpenAsideAsync(BlobId id, CancellationToken cancellationToken)
    {
        AsideOpens++;
        return _written.OpenAsideAsync(id, cancellationToken);
    }

    public IAsyncEnumerable<BlobInfo> ListAsideAsync(CancellationToken cancellationToken)
    {
        AsideLists++;
        return _written.ListAsideAsync(cancellationToken);
    }

    private static IOException Failed() => new("Input/output error");

    public IAsyncEnumerable<BlobInfo> ListAsync(CancellationToken cancellationToken) => _written.ListAsync(cancellationToken);

    public IAsyncEnumerable<BlobInfo> ListAsync(int fromDirectory, CancellationToken cancellationToken) => _written.ListAsync(fromDirectory, cancellationToken);

    public ValueTask DisposeAsync() => _written.DisposeAsync();

    private sealed class Writer(IBlobWriter inner, Func<byte[], byte[]> change) : IBlobWriter
    {
        public ValueTask WriteAsync(System.Buffers.ReadOnlySequence<byte> data, CancellationToken cancellationToken) =>
            inner.WriteAsync(new System.Buffers.ReadOnlySequence<byte>(change(System.Buffers.BuffersExtensions.ToArray(data))), cancellationToken);

        public Func<ValueTask>? BeforeCommit { get; init; }

        public Func<ValueTask>? AfterCommit { get; init; }

        public async ValueTask CommitAsync(CancellationToken cancellationToken)
        {
            await (BeforeCommit?.Invoke() ?? default);
            await inner.CommitAsync(cancellationToken);
            await (AfterCommit?.Invoke() ?? default);
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }

    private sealed class Reader(DeviceBlobStore store, BlobId id, byte[] device, bool isBare, long? tailAt, BlobStamp stamp) : IBlobReader
    {
        public long Length => device.Length;

        public bool IsBare => isBare;

        public long? TailAt => tailAt;

        public SafeFileHandle? FileHandle => null;

        public BlobStamp Stamp => stamp;

        public void DropCached(long offset, long length) => store._cache.TryRemove(id, out _);

        public ValueTask<int> ReadDeviceAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
        {
            store.DeviceBytes += buffer.Length;
            if (store.Unreadable is { } unreadable && unreadable.Blob == id && unreadable.At >= offset && unreadable.At < offset + buffer.Length)
            {
                throw new UnauthorizedAccessException("Input/output error");
            }

            return ValueTask.FromResult(Copy(device, offset, buffer.Span[..Math.Min(buffer.Length, store.MostAtOnce)]));
        }

        public async ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
        {
            // The whole blob enters the cache, as with readahead; what is there already stays.
            byte[] cached = store._cache.GetOrAdd(id, device);
            if (cached == device)
            {
                store.DeviceBytes += buffer.Length;
            }

            int count = Copy(cached, offset, buffer.Span[..Math.Min(buffer.Length, store.MostAtOnce)]);
            if (store.AfterRead is { } after)
            {
                store.AfterRead = null;
                await after();
            }

            return count;
        }

        public int TryReadCached(long offset, Span<byte> buffer) => store._cache.TryGetValue(id, out byte[]? cached) ? Copy(cached, offset, buffer) : 0;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private int Copy(byte[] bytes, long offset, Span<byte> buffer)
        {
            int count = (int)Math.Clamp(bytes.Length - offset, 0, buffer.Length);
            bytes.AsSpan((int)Math.Min(offset, bytes.Length), count).CopyTo(buffer);
            store.Reads += count > 0 ? 1 : 0;
            store.Bytes += count;
            return count;
        }
    }
}
