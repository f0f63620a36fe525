using Tarn.Backends.RocksDb;
using Tarn.Core.Maintenance;
using Tarn.Core.Objects.Integrity;
using Tarn.Core.Scrubbing;
using Tarn.Server.Storage;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Background;

/// <summary>
/// Measures free space, replenishes the reserve after deletes used it, and makes the metadata store report failures that occurred in the
/// background.
/// </summary>
internal sealed partial class StorageWatchService(
    StoreDevices devices, DamageList damage, ReclaimWorker reclaim, ScrubWorker scrub, TimeProvider clock, ILogger<StorageWatchService> logger) : BackgroundWork(logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly RocksDbKeyValueStore _metadata = devices.Metadata;
    private readonly StorageMetrics _metrics = new(devices, damage, reclaim, scrub);

    public override void Dispose()
    {
        _metrics.Dispose();
        base.Dispose();
    }

    protected override async Task RunAsync(CancellationToken stopping)
    {
        if (!_metadata.ReserveIsSetAside)
        {
            LogCounted(logger, devices.MetadataPath);
        }

        using var timer = new PeriodicTimer(Pause, clock);
        long held = _metadata.ReserveHeldBytes;
        while (await timer.WaitForNextTickAsync(stopping))
        {
            Refill();
            await _metadata.CheckBackgroundAsync();
            long now = _metadata.ReserveHeldBytes;
            if (now < held)
            {
                LogUsed(logger, devices.MetadataPath, now >> 20);
            }
            else if (now > held)
            {
                LogRefilled(logger, now >> 20);
            }

            held = now;
        }
    }

    protected override void LogFailed(Exception e) => LogRefillFailed(logger, e);

    private void Refill()
    {
        try
        {
            _metadata.RefillReserve();
        }
        catch (IOException e)
        {
            Failed(e);
        }
    }

    [LoggerMessage(EventIds.ReserveCounted, LogLevel.Information, "The space reserved for deletes in {Directory} is only counted, not allocated: its file system does not guarantee allocated space. Another process that fills the disk can use it up")]
    private static partial void LogCounted(ILogger logger, string directory);

    [LoggerMessage(EventIds.ReserveUsed, LogLevel.Warning, "The disk that holds {Directory} is full: deletes use the space reserved for them, of which {Left} MiB are left")]
    private static partial void LogUsed(ILogger logger, string directory, long left);

    [LoggerMessage(EventIds.ReserveRefilled, LogLevel.Information, "There is free space again: {Held} MiB are reserved for deletes")]
    private static partial void LogRefilled(ILogger logger, long held);

    [LoggerMessage(EventIds.ReserveRefillFailed, LogLevel.Warning, "Space for deletes could not be reserved; it is tried again later")]
    private static partial void LogRefillFailed(ILogger logger, Exception exception);
}
