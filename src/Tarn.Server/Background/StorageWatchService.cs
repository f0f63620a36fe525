using Tarn.Backends.RocksDb;
using Tarn.Core.Maintenance;
using Tarn.Server.Storage;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Background;

/// <summary>
/// Measures how much room there is, sets aside again what deletes used of the reserve, and has the metadata store say when it failed in the
/// background.
/// </summary>
internal sealed partial class StorageWatchService(
    StoreDevices devices, ReclaimWorker reclaim, OrphanScan orphans, TimeProvider clock, ILogger<StorageWatchService> logger) : BackgroundWork(logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly RocksDbKeyValueStore _metadata = devices.Metadata;
    private readonly StorageMetrics _metrics = new(devices, reclaim, orphans);

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

    [LoggerMessage(EventIds.ReserveCounted, LogLevel.Information, "The room that is kept for deletes in {Directory} is counted, not set aside: its file system makes no promise about room that was allocated. Another process that fills the disk can take it")]
    private static partial void LogCounted(ILogger logger, string directory);

    [LoggerMessage(EventIds.ReserveUsed, LogLevel.Warning, "The disk that holds {Directory} is full: deletes use the room that is kept for them, of which {Left} MiB are still set aside")]
    private static partial void LogUsed(ILogger logger, string directory, long left);

    [LoggerMessage(EventIds.ReserveRefilled, LogLevel.Information, "There is room again: {Held} MiB are set aside for deletes")]
    private static partial void LogRefilled(ILogger logger, long held);

    [LoggerMessage(EventIds.ReserveRefillFailed, LogLevel.Warning, "Room for deletes could not be set aside; it is tried again later")]
    private static partial void LogRefillFailed(ILogger logger, Exception exception);
}
