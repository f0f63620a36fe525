using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;
using Tarn.Core;
using Tarn.Core.Cache;
using Tarn.TestKit.Servers;

namespace Tarn.Tests.Cache;

/// <summary>A cache in a temporary directory, which can be closed and opened again.</summary>
internal sealed class CacheSetup : ICacheObserver, IAsyncDisposable
{
    public const int Frame = FrameKey.MaxLength;
    public const int Block = 65536;

    private readonly TemporaryDirectory _directory = new("cache");
    private BlockCache? _cache;

    public CacheSetup() => Options = new BlockCacheOptions(_directory.PathOf("cache"), BlockCacheOptions.MinCapacity, null, 16L << 20);

    public BlockCacheOptions Options { get; set; }

    public FakeTimeProvider Clock { get; } = new(DateTimeOffset.UnixEpoch.AddYears(50));

    public TestFiles Files { get; set; } = new();

    public TestSource Source { get; } = new();

    public ConcurrentQueue<FrameDamagedException> Damage { get; } = new();

    public ConcurrentQueue<FrameKey> StoredDamage { get; } = new();

    public ConcurrentQueue<Exception> FailedFetches { get; } = new();

    public ConcurrentQueue<(Exception Failure, TimeSpan? Pause)> DeviceFailures { get; } = new();

    public int Recoveries { get; private set; }

    public BlockCache Cache => _cache!;

    public BlockCacheStatistics Statistics => Cache.Statistics;

    /// <summary>The frame of a blob at a place of the grid, as a whole.</summary>
    public static FrameKey Key(int blob, int cell = 0, int length = Frame) => new(BlobContent.Blob(blob), (long)cell * Frame, length);

    public static async Task<CacheSetup> OpenAsync(Func<BlockCacheOptions, BlockCacheOptions>? change = null)
    {
        var setup = new CacheSetup();
        setup.Options = change?.Invoke(setup.Options) ?? setup.Options;
        await setup.ReopenAsync();
        return setup;
    }

    public async Task CloseAsync()
    {
        if (_cache is not null)
        {
            await _cache.DisposeAsync();
            _cache = null;
        }
    }

    public async Task ReopenAsync()
    {
        await CloseAsync();
        _cache = await BlockCache.OpenAsync(Options, this, Clock, SystemRandomSource.Instance, Files, CancellationToken.None);
    }

    /// <summary>Reads once, and expects that what was read is what the blob has there.</summary>
    public async Task<CacheRead> ReadAsync(FrameKey key, int offset = 0, int? length = null, CacheUse use = CacheUse.Fill, ulong bucket = 1, IFrameSource? source = null, CancellationToken ct = default)
    {
        byte[] buffer = new byte[length ?? key.Length - offset];
        CacheRead read = await Cache.ReadAsync(key, offset, buffer, bucket, use, source ?? Source, ct);
        Assert.True(buffer.AsSpan(0, read.Count).SequenceEqual(BlobContent.Of(key.Blob, key.Start + offset, read.Count)), $"Wrong bytes at {offset} of {key}, {read}");
        for (int block = key.BlockOf(offset); read.Count > 0 && block <= key.BlockOf(offset + read.Count - 1); block++)
        {
            int start = key.BlockStart(block);
            Assert.Equal(BlobContent.Checksum(BlobContent.Of(key.Blob, key.Start + start, key.BlockStart(block + 1) - start)), read.Checksums.Span[block]);
        }

        return read;
    }

    /// <summary>How many bytes a read got, and from where.</summary>
    public static (int Count, CacheOrigin Origin) Got(CacheRead read) => (read.Count, read.Origin);

    /// <summary>Reads a frame to its end, and gives where each read's bytes came from.</summary>
    public async Task<List<CacheOrigin>> ReadAllAsync(FrameKey key, CacheUse use = CacheUse.Fill, ulong bucket = 1, int step = Frame, IFrameSource? source = null)
    {
        var origins = new List<CacheOrigin>();
        for (int offset = 0; offset < key.Length;)
        {
            CacheRead read = await ReadAsync(key, offset, Math.Min(step, key.Length - offset), use, bucket, source);
            Assert.True(read.Count > 0);
            origins.Add(read.Origin);
            offset += read.Count;
        }

        return origins;
    }

    /// <summary>Reads a frame to its end, so that it is stored afterwards.</summary>
    public async Task FillAsync(FrameKey key, ulong bucket = 1)
    {
        await ReadAllAsync(key, bucket: bucket);
        await Cache.SettleAsync();
    }

    public async Task<bool> IsHitAsync(FrameKey key) => (await ReadAllAsync(key, CacheUse.LookOnly)).TrueForAll(static origin => origin == CacheOrigin.Hit);

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _directory.Dispose();
    }

    void ICacheObserver.FrameDamaged(FrameDamagedException damage) => Damage.Enqueue(damage);

    void ICacheObserver.StoredFrameDamaged(FrameKey key) => StoredDamage.Enqueue(key);

    void ICacheObserver.FetchFailed(FrameKey key, Exception failure) => FailedFetches.Enqueue(failure);

    void ICacheObserver.DeviceFailed(Exception failure, TimeSpan? pause) => DeviceFailures.Enqueue((failure, pause));

    void ICacheObserver.DeviceRecovered() => Recoveries++;
}
