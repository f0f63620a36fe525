using System.Buffers;
using System.Text;
using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.KeyValue;
using Tarn.Core.Mirroring;
using Tarn.Core.Model;
using Tarn.TestKit.Stores;

namespace Tarn.Tests.Mirroring;

/// <summary>A mirror over two sides in memory, and what became of it.</summary>
internal sealed class TestMirror : IAsyncDisposable, IMirrorEvents, IDamageSink
{
    private readonly Lock _lock = new();
    private readonly List<string> _events = [];
    private readonly List<(string Event, TaskCompletionSource Seen)> _awaited = [];
    private readonly SeededRandomSource _random = new(3);

    public TestSide Data { get; } = new("data", TimeProvider.System);

    public TestSide Other { get; } = new("mirror", TimeProvider.System);

    public Mirror Mirror { get; private set; } = null!;

    public MirrorStale? AcceptStale { get; set; }

    public bool Rebuild { get; set; }

    public TimeProvider Time { get; set; } = TimeProvider.System;

    public MirrorProgress LastFill { get; private set; }

    public IReadOnlyList<string> Events
    {
        get
        {
            lock (_lock)
            {
                return [.. _events];
            }
        }
    }

    public TestSide this[int side] => side == 0 ? Data : Other;

    /// <summary>Opens a new mirror and waits until both sides count.</summary>
    public static async Task<TestMirror> CreateAsync()
    {
        var mirror = new TestMirror();
        await mirror.OpenWholeAsync();
        return mirror;
    }

    public async Task OpenAsync() => Mirror = await Mirror.OpenAsync(
        Data,
        Other,
        new MirrorOptions { Time = Time, Random = _random, Events = this, AcceptStale = AcceptStale, Rebuild = Rebuild, RetryAfter = TimeSpan.FromDays(1) },
        CancellationToken.None);

    public async Task OpenWholeAsync()
    {
        Task filled = WhenAsync("filled");
        await OpenAsync();
        if (!IsWhole)
        {
            await filled;
        }
    }

    public bool IsWhole => Mirror.Status.All(side => side.State == MirrorSideState.Whole);

    public async Task ReopenAsync()
    {
        await Mirror.DisposeAsync();
        await OpenAsync();
    }

    /// <summary>Completes when an event that begins so has happened, from now on: to be called before what brings it about.</summary>
    public Task WhenAsync(string prefix)
    {
        lock (_lock)
        {
            var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _awaited.Add((prefix, seen));
            return seen.Task.WaitAsync(TimeSpan.FromMinutes(1));
        }
    }

    /// <summary>Has the lost side tried again, and waits until it counts.</summary>
    public async Task RefillAsync()
    {
        Task filled = WhenAsync("filled");
        Mirror.Retry();
        try
        {
            await filled;
        }
        catch (TimeoutException)
        {
            Assert.Fail($"It was not filled:\n{string.Join('\n', Events)}");
        }
    }

    public async Task PutAsync(string key, string value) => Assert.True(await Mirror.Metadata.CommitAsync(new KeyValueBatch().Put(Bytes(key), Bytes(value)), default));

    public async Task<string?> GetAsync(string key) => await Mirror.Metadata.GetAsync(Bytes(key), default) is { } value ? Encoding.UTF8.GetString(value) : null;

    public BlobId NewBlob() => BlobId.Create(_random);

    public async Task<BlobId> WriteAsync(string content)
    {
        BlobId id = NewBlob();
        await WriteAsync(id, content);
        return id;
    }

    public async Task WriteAsync(BlobId id, string content)
    {
        await using IBlobWriter writer = await Mirror.Blobs.CreateAsync(id, null, default);
        await writer.WriteAsync(new ReadOnlySequence<byte>(Bytes(content)), default);
        await writer.CommitAsync(default);
    }

    /// <summary>A blob with its checksums.</summary>
    public static byte[] Sealed(BlobId id, byte[] content)
    {
        var checksums = new BlockChecksummer();
        checksums.Append(content);
        return [.. content, .. BlobTail.Compose(id, checksums, [])];
    }

    public async Task WriteSealedAsync(BlobId id, byte[] content)
    {
        byte[] stored = Sealed(id, content);
        await using IBlobWriter writer = await Mirror.Blobs.CreateAsync(id, stored.Length, default);
        await writer.WriteAsync(new ReadOnlySequence<byte>(stored), default);
        await writer.CommitAsync(default);
    }

    /// <summary>Reads a blob as requests do: verified, from whatever side has it right. Null when there is none.</summary>
    public async Task<byte[]?> ReadSealedAsync(BlobId id, int length)
    {
        var blobs = new CheckedBlobs(Mirror.Blobs, VerifyReads.Always, TimeProvider.System);
        await using CheckedBlob? blob = await blobs.OpenAsync(id, length, stored: 0, this, always: true, default);
        byte[] bytes = new byte[length];
        for (int at = 0; blob is not null && at < length;)
        {
            at += await blob.ReadAsync(at, bytes.AsMemory(at), default);
        }

        return blob is null ? null : bytes;
    }

    ValueTask<Exception> IDamageSink.ReportAsync(DamagedDataException found) => ValueTask.FromResult<Exception>(found);

    ValueTask IDamageSink.VerifiedAsync(Id128 data, long start, long end) => default;

    public async Task<string?> ReadAsync(BlobId id)
    {
        await using IBlobReader? reader = await Mirror.Blobs.OpenAsync(id, default);
        if (reader is null)
        {
            return null;
        }

        byte[] bytes = new byte[reader.Length];
        int at = 0;
        while (at < bytes.Length && await reader.ReadAsync(at, bytes.AsMemory(at), default) is > 0 and int count)
        {
            at += count;
        }

        return Encoding.UTF8.GetString(bytes, 0, at);
    }

    public async Task AssertSidesAreEqualAsync()
    {
        Assert.Equal(await Data.SharedRowsAsync(), await Other.SharedRowsAsync());
        Assert.Equal((await Data.AllBlobsAsync()).OrderBy(blob => blob.Key.ToString()), (await Other.AllBlobsAsync()).OrderBy(blob => blob.Key.ToString()));
    }

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public async ValueTask DisposeAsync()
    {
        if (Mirror is not null)
        {
            await Mirror.DisposeAsync();
        }

        await Data.DisposeAsync();
        await Other.DisposeAsync();
    }

    void IMirrorEvents.Lost(string side, string other, Exception cause) => Happened($"lost {side}: {cause.Message}");

    void IMirrorEvents.Missing(string side, string other, Exception cause) => Happened($"missing {side}: {cause.Message}");

    void IMirrorEvents.CaughtUp(string side, string other) => Happened($"caught up {side}");

    void IMirrorEvents.FillBegan(string side, string other) => Happened($"filling {side}");

    void IMirrorEvents.Filled(string side, string other, MirrorProgress done)
    {
        LastFill = done;
        Happened($"filled {side}");
    }

    void IMirrorEvents.FillFailed(string side, Exception cause, TimeSpan again) => Happened($"fill failed {side}: {cause.Message}");

    void IMirrorEvents.Healed(string side, BlobId blob, long bytes) => Happened($"healed {side} {blob}");

    void IMirrorEvents.HealFailed(string side, BlobId blob, Exception cause) => Happened($"heal failed {side} {blob}");

    void IMirrorEvents.Failed(Exception cause) => Happened($"failed: {cause.Message}");

    private void Happened(string what)
    {
        lock (_lock)
        {
            _events.Add(what);
            foreach ((_, TaskCompletionSource seen) in _awaited.Where(awaited => what.StartsWith(awaited.Event, StringComparison.Ordinal)))
            {
                seen.TrySetResult();
            }
        }
    }
}
