using System.Buffers;
using Microsoft.Win32.SafeHandles;
using Tarn.Core.Blobs;
using Tarn.Core.KeyValue;
using Tarn.Core.Mirroring;
using Tarn.Core.Records;

namespace Tarn.Tests.Mirroring;

/// <summary>A side in memory whose content survives the mirror, and whose device a test breaks and mends.</summary>
internal sealed class TestSide(string name, TimeProvider time) : MirrorSide, IAsyncDisposable
{
    private MemoryKeyValueStore _rows = new();
    private MirrorMark? _mark;
    private int _uses;

    public override string Name => name;

    public MirrorMark? Mark => _mark;

    /// <summary>The rows on the device.</summary>
    public IKeyValueStore Rows => _rows;

    /// <summary>The blobs on the device.</summary>
    public MemoryBlobStore Files { get; private set; } = new(time);

    /// <summary>What every call of the side throws; null while the device works.</summary>
    public Exception? Broken { get; set; }

    /// <summary>Runs before each change: may throw, to break the device at one call only, or wait.</summary>
    public Func<string, Task>? BeforeChange { get; set; }

    /// <summary>Runs after each change.</summary>
    public Func<string, Task>? AfterChange { get; set; }

    /// <summary>What reads of the metadata throw.</summary>
    public Exception? BrokenReads { get; set; }

    /// <summary>A row that cannot be read.</summary>
    public byte[]? BadRow { get; set; }

    /// <summary>What opening the metadata throws, until it is replaced.</summary>
    public Exception? Damage { get; set; }

    /// <summary>Blobs whose bytes cannot be read.</summary>
    public HashSet<BlobId> BadSectors { get; } = [];

    /// <summary>Blobs of which one byte cannot be read, by its offset.</summary>
    public Dictionary<BlobId, long> BadBytes { get; } = [];

    /// <summary>Blobs of which every read returns a wrong first byte.</summary>
    public HashSet<BlobId> Flipped { get; } = [];

    /// <summary>Blobs of which the device has a flipped bit, and memory the right bytes.</summary>
    public HashSet<BlobId> FlippedOnDevice { get; } = [];

    /// <summary>Whether there is no room on the device, except for removals.</summary>
    public bool IsFull { get; set; }

    /// <summary>What asking the device for its room throws.</summary>
    public Exception? BrokenRoom { get; set; }

    /// <summary>Runs when the place is taken, before it is.</summary>
    public Action? BeforeEnter { get; set; }

    /// <summary>Runs when the metadata is verified.</summary>
    public Action? WhileVerified { get; set; }

    /// <summary>Whether a verification of the metadata finds damage that no read has met.</summary>
    public bool HasRot { get; set; }

    /// <summary>Whether the place is empty, as an unmounted file system is.</summary>
    public bool IsUnmounted { get; set; }

    /// <summary>The epoch that the metadata on the device knows; null when it knows none.</summary>
    public ulong? FlushedEpoch { get; private set; }

    /// <summary>The id of the store that the place belongs to.</summary>
    public string? Store { get; set; }

    private bool IsEmpty => _rows.ScanAsync([], [.. Enumerable.Repeat((byte)0xFF, 20)], 1, false, default).AsTask().Result.Count == 0
        && !Files.ListAsync(default).ToBlockingEnumerable().Any();

    /// <summary>Why orphans are kept; null when they are not.</summary>
    public string? KeptBecause { get; private set; }

    public bool IsEntered => _uses > 0;

    /// <summary>Forgets everything, as a new disk.</summary>
    public void Replace()
    {
        _rows = new();
        Files = new(time);
        _mark = null;
    }

    /// <summary>What is on the device now, for <see cref="RestoreAsync"/>.</summary>
    public async Task<TestImage> ImageAsync() =>
        new(_mark, await _rows.ScanAsync([], [.. Enumerable.Repeat((byte)0xFF, 20)], int.MaxValue, false, default), await AllBlobsAsync());

    /// <summary>Puts what was on the device, or on another one, in the place of what is there.</summary>
    public async Task RestoreAsync(TestImage image)
    {
        Replace();
        _mark = image.Mark;
        var batch = new KeyValueBatch();
        foreach (KeyValueEntry row in image.Rows)
        {
            batch.Put(row.Key, row.Value);
        }

        await _rows.CommitAsync(batch, default);
        foreach ((BlobId id, string bytes) in image.Blobs)
        {
            await SetAsync(id, Convert.FromHexString(bytes));
        }
    }

    /// <summary>Sets what is on the device of a blob; null removes it.</summary>
    public async Task SetAsync(BlobId id, byte[]? bytes)
    {
        await Files.DeleteAsync(id, default);
        if (bytes is not null)
        {
            await using IBlobWriter writer = await Files.CreateAsync(id, bytes.Length, default);
            await writer.WriteAsync(new ReadOnlySequence<byte>(bytes), default);
            await writer.CommitAsync(default);
        }
    }

    /// <summary>Puts a mark, as an old copy of the side would have.</summary>
    public void Put(MirrorMark? mark) => _mark = mark;

    public override MirrorLook Look() =>
        Broken is { } problem ? new MirrorLook(null, false, problem)
        : IsUnmounted ? new MirrorLook(null, true)
        : new MirrorLook(_mark, IsEmpty, Store: Store);

    public override void Enter()
    {
        ThrowIfBroken();
        BeforeEnter?.Invoke();
        Assert.Equal(1, ++_uses);
    }

    public override void WriteMark(MirrorMark mark)
    {
        BeforeAsync("mark").GetAwaiter().GetResult();
        Assert.True(mark.Standing == MirrorStanding.Stale || FlushedEpoch + 1 >= mark.Epoch, $"{name}: a power cut would leave epoch {FlushedEpoch} with the mark of {mark.Epoch}");
        _mark = mark;
        AfterAsync("mark").GetAwaiter().GetResult();
    }

    public override void KeepOrphans(string reason) => KeptBecause = reason;

    public override ValueTask<MirrorStores> OpenAsync(bool replaceMetadata, CancellationToken cancellationToken)
    {
        ThrowIfBroken();
        Assert.Equal(1, _uses);
        if (replaceMetadata)
        {
            _rows = new();
            Damage = null;
            BrokenReads = null;
            HasRot = false;
        }

        return Damage is { } damage ? throw damage : new(new MirrorStores(new Metadata(this, _rows), new Blobs(this, Files)));
    }

    public override void TakeFiles(MirrorSide from) => ThrowIfBroken();

    public override void Leave() => _uses = 0;

    public ValueTask DisposeAsync() => _rows.DisposeAsync();

    /// <summary>The rows that both sides share.</summary>
    public async Task<List<(string Key, string Value)>> SharedRowsAsync() =>
        [.. (await _rows.ScanAsync([], [.. Enumerable.Repeat((byte)0xFF, 17)], int.MaxValue, false, default)).Select(entry => (Convert.ToHexString(entry.Key), Convert.ToHexString(entry.Value)))];

    public async Task<Dictionary<BlobId, string>> AllBlobsAsync()
    {
        var all = new Dictionary<BlobId, string>();
        await foreach (BlobInfo info in Files.ListAsync(default))
        {
            await using IBlobReader? reader = await Files.OpenAsync(info.Id, default);
            if (reader is null)
            {
                // It was removed meanwhile.
                continue;
            }

            byte[] bytes = new byte[reader.Length];
            await reader.ReadAsync(0, bytes, default);
            all[info.Id] = (info.IsBare ? "bare " : "") + Convert.ToHexString(bytes);
        }

        return all;
    }

    private void ThrowIfBroken()
    {
        if (Broken is { } broken)
        {
            // One of its own for each, which says where it was thrown.
            throw broken is IOException ? new IOException(broken.Message, broken) : broken;
        }
    }

    private async Task BeforeAsync(string what)
    {
        ThrowIfBroken();
        if (BeforeChange is { } before)
        {
            await before(what);
        }
    }

    private async Task AfterAsync(string what)
    {
        if (AfterChange is { } after)
        {
            await after(what);
        }

        ThrowIfBroken();
    }

    private async ValueTask<T> ChangeAsync<T>(string what, Func<ValueTask<T>> change)
    {
        await BeforeAsync(what);
        T result = await change();
        await AfterAsync(what);
        return result;
    }

    private async ValueTask ChangeAsync(string what, Func<ValueTask> change) => await ChangeAsync(what, async () =>
    {
        await change();
        return true;
    });

    private sealed class Metadata(TestSide side, MemoryKeyValueStore rows) : IKeyValueStore, IReservingStore, IVerifiableStore, IFlushableStore
    {
        public async ValueTask FlushAsync()
        {
            side.ThrowIfBroken();
            side.FlushedEpoch = await rows.GetAsync(Tables.MirrorPositionKey, default) is { } position ? MirrorPosition.Decode(position).Epoch : null;
        }

        public bool HasRoom(long bytes) => side.BrokenRoom is { } broken ? throw broken : !side.IsFull;

        public ValueTask<StoreVerification> VerifyAsync(Func<VerificationProgress, CancellationToken, ValueTask>? progress, CancellationToken cancellationToken)
        {
            side.ThrowIfBroken();
            side.WhileVerified?.Invoke();
            return new(new StoreVerification(1, 1, side.HasRot ? [new StoreDamage("1.sst", StoreDamageKind.Checksum, "a bit")] : []));
        }

        public ValueTask<byte[]?[]> GetAsync(IReadOnlyList<byte[]> keys, CancellationToken cancellationToken) => Read(rows).GetAsync(keys, cancellationToken);

        public ValueTask<byte[]?> GetAsync(byte[] key, CancellationToken cancellationToken) =>
            side.BadRow is { } bad && bad.AsSpan().SequenceEqual(key) ? throw new IOException("A bad row.") : Read(rows).GetAsync(key, cancellationToken);

        public ValueTask<IReadOnlyList<KeyValueEntry>> ScanAsync(byte[] from, byte[] to, int limit, bool reverse, CancellationToken cancellationToken) =>
            Read(rows).ScanAsync(from, to, limit, reverse, cancellationToken);

        public async ValueTask<IKeyValueSnapshot> OpenSnapshotAsync(CancellationToken cancellationToken) => new Snapshot(side, await rows.OpenSnapshotAsync(cancellationToken));

        public ValueTask<bool> CommitAsync(KeyValueBatch batch, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return side.ChangeAsync("commit", () => rows.CommitAsync(batch, cancellationToken));
        }

        public ValueTask DisposeAsync() => default;

        private T Read<T>(T reader)
        {
            side.ThrowIfBroken();
            return side.BrokenReads is { } broken ? throw broken : reader;
        }

        private sealed class Snapshot(TestSide side, IKeyValueSnapshot inner) : IKeyValueSnapshot
        {
            public ValueTask<byte[]?[]> GetAsync(IReadOnlyList<byte[]> keys, CancellationToken cancellationToken) => Read().GetAsync(keys, cancellationToken);

            public ValueTask<byte[]?> GetAsync(byte[] key, CancellationToken cancellationToken) =>
                key[0] == 0xFF ? inner.GetAsync(key, cancellationToken) : Read().GetAsync(key, cancellationToken);

            public ValueTask<IReadOnlyList<KeyValueEntry>> ScanAsync(byte[] from, byte[] to, int limit, bool reverse, CancellationToken cancellationToken) =>
                Read().ScanAsync(from, to, limit, reverse, cancellationToken);

            public ValueTask DisposeAsync() => inner.DisposeAsync();

            private IKeyValueSnapshot Read() => side.BrokenReads is { } broken ? throw broken : inner;
        }
    }

    private sealed class Blobs(TestSide side, MemoryBlobStore files) : IBlobStore, ISetAsideStore, IReplacingBlobs
    {
        public ValueTask<IBlobWriter> CreateAsync(BlobId id, long? expectedLength, CancellationToken cancellationToken) =>
            side.ChangeAsync<IBlobWriter>("blob create", async () => new Writer(side, id, Room(await files.CreateAsync(id, expectedLength, cancellationToken))));

        public ValueTask<IBlobWriter> CreateCopyAsync(BlobId id, long length, bool isBare, CancellationToken cancellationToken) =>
            side.ChangeAsync<IBlobWriter>("blob create", async () => new Writer(side, id, Room(await files.CreateCopyAsync(id, length, isBare, cancellationToken))));

        public ValueTask<IBlobWriter> CreateReplacementAsync(
            BlobId id, long length, Func<BlobStamp, bool> mayReplace, Func<IBlobReader, ValueTask<bool>> isWritten, CancellationToken cancellationToken) =>
            side.ChangeAsync<IBlobWriter>("blob create", async () => new Writer(
                side, id, Room(await files.CreateReplacementAsync(id, length, mayReplace, isWritten, cancellationToken))));

        public async ValueTask<IBlobReader?> OpenAsync(BlobId id, CancellationToken cancellationToken)
        {
            side.ThrowIfBroken();
            return await files.OpenAsync(id, cancellationToken) is { } reader ? new Reader(side, id, reader) : null;
        }

        public ValueTask<BlobInfo?> FindAsync(BlobId id, CancellationToken cancellationToken)
        {
            side.ThrowIfBroken();
            return files.FindAsync(id, cancellationToken);
        }

        public ValueTask<bool> SealAsync(BlobId id, ReadOnlyMemory<byte> tail, CancellationToken cancellationToken) =>
            side.ChangeAsync("blob seal", () => files.SealAsync(id, tail, cancellationToken));

        public ValueTask DeleteAsync(BlobId id, CancellationToken cancellationToken) => side.ChangeAsync("blob delete", async () =>
        {
            await files.DeleteAsync(id, cancellationToken);
            side.BadSectors.Remove(id);
            side.BadBytes.Remove(id);
        });

        public IAsyncEnumerable<BlobInfo> ListAsync(CancellationToken cancellationToken) => ListAsync(0, cancellationToken);

        public IAsyncEnumerable<BlobInfo> ListAsync(int fromDirectory, CancellationToken cancellationToken)
        {
            side.ThrowIfBroken();
            return files.ListAsync(fromDirectory, cancellationToken);
        }

        public ValueTask DisposeAsync() => default;

        public ValueTask<bool> SetAsideAsync(BlobId id, CancellationToken cancellationToken) =>
            side.ChangeAsync("blob aside", () => files.SetAsideAsync(id, cancellationToken));

        public ValueTask<bool> BringBackAsync(BlobId id, CancellationToken cancellationToken) =>
            side.ChangeAsync("blob back", () => files.BringBackAsync(id, cancellationToken));

        public ValueTask DropAsideAsync(BlobId id, CancellationToken cancellationToken) =>
            side.ChangeAsync("blob drop", () => files.DropAsideAsync(id, cancellationToken));

        public async ValueTask<IBlobReader?> OpenAsideAsync(BlobId id, CancellationToken cancellationToken)
        {
            side.ThrowIfBroken();
            return await files.OpenAsideAsync(id, cancellationToken) is { } reader ? new Reader(side, id, reader) : null;
        }

        public IAsyncEnumerable<BlobInfo> ListAsideAsync(CancellationToken cancellationToken)
        {
            side.ThrowIfBroken();
            return files.ListAsideAsync(cancellationToken);
        }

        private IBlobWriter Room(IBlobWriter writer) => side.IsFull ? throw new StorageFullException() : writer;
    }

    private sealed class Writer(TestSide side, BlobId id, IBlobWriter inner) : IBlobWriter
    {
        public ValueTask WriteAsync(ReadOnlySequence<byte> data, CancellationToken cancellationToken) =>
            side.ChangeAsync("blob write", () => inner.WriteAsync(data, cancellationToken));

        public ValueTask CommitAsync(CancellationToken cancellationToken) => side.ChangeAsync("blob commit", async () =>
        {
            await inner.CommitAsync(cancellationToken);
            side.BadSectors.Remove(id);
            side.BadBytes.Remove(id);
            side.FlippedOnDevice.Remove(id);
        });

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }

    private sealed class Reader(TestSide side, BlobId id, IBlobReader inner) : IBlobReader
    {
        public long Length => inner.Length;

        public bool IsBare => inner.IsBare;

        public long? TailAt => inner.TailAt;

        public SafeFileHandle? FileHandle => null;

        public BlobStamp Stamp => inner.Stamp;

        public void DropCached(long offset, long length) => inner.DropCached(offset, length);

        public async ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
        {
            side.ThrowIfBroken();
            bool isBad = side.BadSectors.Contains(id) || (side.BadBytes.TryGetValue(id, out long bad) && bad >= offset && bad < offset + buffer.Length);
            int count = isBad ? throw new IOException("A bad sector.") : await inner.ReadAsync(offset, buffer, cancellationToken);
            if (offset == 0 && count > 0 && side.Flipped.Contains(id))
            {
                buffer.Span[0] ^= 1;
            }

            return count;
        }

        public async ValueTask<int> ReadDeviceAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
        {
            int count = await ReadAsync(offset, buffer, cancellationToken);
            if (offset == 0 && count > 0 && side.FlippedOnDevice.Contains(id))
            {
                buffer.Span[0] ^= 1;
            }

            return count;
        }

        public int TryReadCached(long offset, Span<byte> buffer) => side.BadSectors.Contains(id) || side.BadBytes.ContainsKey(id) ? 0 : inner.TryReadCached(offset, buffer);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}

/// <summary>What a side has at one moment.</summary>
/// <param name="Mark">Its mark.</param>
/// <param name="Rows">All rows.</param>
/// <param name="Blobs">All blobs, as hexadecimal digits.</param>
internal sealed record TestImage(MirrorMark? Mark, IReadOnlyList<KeyValueEntry> Rows, Dictionary<BlobId, string> Blobs);
