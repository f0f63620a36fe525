using System.Diagnostics.Metrics;
using Tarn.Core.Acceleration;
using Tarn.Core.Cache;
using Tarn.Server.Accelerator.Peers;
using Tarn.Server.Accelerator.Reading;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Accelerator;

/// <summary>Logs what an operator wants to know of the cache.</summary>
internal sealed partial class CacheReports(ILogger<CacheReports> logger) : ICacheObserver
{
    public void FrameDamaged(FrameDamagedException damage) => LogDamaged(logger, damage.Message);

    public void StoredFrameDamaged(FrameKey key) => LogDamagedOnDevice(logger, key);

    public void FetchFailed(FrameKey key, Exception failure) => LogFetchFailed(logger, key, failure.Message);

    public void DeviceFailed(Exception failure, TimeSpan? pause) => LogDeviceFailed(logger, failure.Message, pause?.TotalSeconds ?? 0);

    public void DeviceRecovered() => LogDeviceRecovered(logger);

    [LoggerMessage(EventIds.CacheDamagedFrame, LogLevel.Error, "Data came damaged from the upstream and was not cached: {Damage}")]
    private static partial void LogDamaged(ILogger logger, string damage);

    [LoggerMessage(EventIds.CacheDamagedOnDevice, LogLevel.Warning, "The cache's device gave damaged data, which is fetched anew: {Frame}")]
    private static partial void LogDamagedOnDevice(ILogger logger, FrameKey frame);

    [LoggerMessage(EventIds.CacheFetchFailed, LogLevel.Debug, "Fetching {Frame} failed: {Reason}")]
    private static partial void LogFetchFailed(ILogger logger, FrameKey frame, string reason);

    [LoggerMessage(EventIds.CacheDeviceFailed, LogLevel.Error, "The cache's device fails: {Reason}. It is left alone for {Seconds} s, and reads are served from the upstream")]
    private static partial void LogDeviceFailed(ILogger logger, string reason, double seconds);

    [LoggerMessage(EventIds.CacheDeviceRecovered, LogLevel.Information, "The cache's device works again")]
    private static partial void LogDeviceRecovered(ILogger logger);
}

/// <summary>The gauges of the cache, and what this accelerator tells the upstream of itself.</summary>
internal sealed class CacheFigures : IDisposable
{
    private readonly Meter _meter = ServerTelemetry.CreateMeter();
    private readonly BlockCache _cache;
    private readonly AcceleratorMetrics _metrics;
    private readonly Prestaging _prestaging;
    private readonly PeerAnswer _peers;
    private readonly DateTimeOffset _started;

    public CacheFigures(BlockCache cache, AcceleratorMetrics metrics, Prestaging prestaging, PeerAnswer peers, TimeProvider time)
    {
        (_cache, _metrics, _prestaging, _peers, _started) = (cache, metrics, prestaging, peers, time.GetUtcNow());
        _meter.CreateObservableCounter("tarn.accelerator.sent_to_peers", () => peers.Sent, unit: "By", description: "Bytes of blocks sent to other accelerators of the zone.");
        _meter.CreateObservableUpDownCounter("tarn.cache.used", () => cache.Statistics.UsedBytes, unit: "By", description: "Bytes of the device that the cache has taken.");
        _meter.CreateObservableUpDownCounter("tarn.cache.capacity", () => cache.Statistics.Capacity, unit: "By", description: "Bytes of the device that the cache may take.");
        _meter.CreateObservableUpDownCounter("tarn.cache.frames", () => cache.Statistics.Frames, unit: "{frame}", description: "Frames, of 1 MiB at most, in the cache.");
        _meter.CreateObservableCounter("tarn.cache.filled", () => cache.Statistics.FillBytes, unit: "By", description: "Bytes that were written to the cache.");
        _meter.CreateObservableCounter("tarn.cache.fetched", () => cache.Statistics.FetchedBytes, unit: "By", description: "Bytes that were fetched from the server, whoever they were for.");
        _meter.CreateObservableCounter("tarn.cache.unwritten", () => cache.Statistics.Unwritten, unit: "{frame}", description: "Frames that were fetched and not written, because the device was behind or had failed.");
        _meter.CreateObservableCounter("tarn.cache.evictions", () => cache.Statistics.Evictions, unit: "{frame}", description: "Frames that gave way to others.");
        _meter.CreateObservableCounter("tarn.cache.damaged", () => cache.Statistics.DamagedStoredFrames, unit: "{frame}", description: "Frames of which the device gave damaged bytes; they are fetched anew.");
        _meter.CreateObservableCounter("tarn.cache.device_errors", () => cache.Statistics.DeviceErrors, unit: "{error}", description: "Calls that the cache's device failed, or did not finish in time.");
        _meter.CreateObservableUpDownCounter("tarn.cache.fetches", () => cache.Statistics.FetchesInFlight, unit: "{fetch}", description: "Fetches that are going on.");
        _meter.CreateObservableUpDownCounter("tarn.accelerator.prestage_queue", () => prestaging.Count, unit: "{object}", description: "Objects that wait to be staged, or are.");
    }

    /// <summary>For the upstream.</summary>
    public AcceleratorStatistics Statistics
    {
        get
        {
            BlockCacheStatistics cache = _cache.Statistics;
            return new AcceleratorStatistics
            {
                Started = _started.ToUnixTimeMilliseconds(),
                Hits = _metrics.Hits,
                Partials = _metrics.Partials,
                Misses = _metrics.Misses,
                Bypasses = _metrics.Bypasses,
                BytesFromCache = _metrics.FromCache,
                BytesFromPeers = _metrics.FromPeers,
                BytesFromUpstream = _metrics.FromUpstream,
                BytesToPeers = _peers.Sent,
                CacheBytes = cache.FrameBytes,
                CacheCapacity = cache.Capacity,
                FilledBytes = cache.FillBytes,
                EvictedBytes = cache.EvictedBytes,
                DamagedBlocks = cache.DamagedStoredFrames,
                CacheErrors = cache.DeviceErrors,
                PrestageQueue = _prestaging.Count,
                HitBytes = _metrics.Owners.All,
            };
        }
    }

    public void Dispose() => _meter.Dispose();
}
