using Tarn.Backends.RocksDb;
using Tarn.Core.Acceleration;
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
    IReadOnlyList<StoreDevices> devices, DamageList damage, ReclaimWorker reclaim, ScrubWorker scrub, BlobLeases leases, TimeProvider clock, ILogger<StorageWatchService> logger) : BackgroundWork(logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly StorageMetrics _metrics = new(devices, damage, reclaim, scrub, leases);

    public override void Dispose()
    {
        _metrics.Dispose();
        base.Dispose();
    }

    protected override Task RunAsync(CancellationToken stopping) => Task.WhenAll(devices.Select(stores => WatchAsync(stores, stopping)));

    protected override void LogFailed(Exception e) => LogRefillFailed(logger, e);

    private async Task WatchAsync(StoreDevices stores, CancellationToken stopping)
    {
        if (stores.Metadata() is { ReserveIsSetAside: false })
        {
            LogCounted(logger, stores.MetadataPath);
        }

        using var timer = new PeriodicTimer(Pause, clock);
        RocksDbKeyValueStore? watched = null;
        long held = 0;
        do
        {
            RocksDbKeyValueStore? metadata = stores.Metadata();
            if (metadata != watched)
            {
                // A side of a mirror was opened again.
                watched = metadata;
                held = metadata?.ReserveHeldBytes ?? 0;
            }
            else if (metadata is not null)
            {
                held = await WatchAsync(stores, metadata, held);
            }
        }
        while (await timer.WaitForNextTickAsync(stopping));
    }

    private async Task<long> WatchAsync(StoreDevices stores, RocksDbKeyValueStore metadata, long held)
    {
        try
        {
            metadata.RefillReserve();
            await metadata.CheckBackgroundAsync();
        }
        catch (IOException e)
        {
            Failed(e);
        }
        catch (ObjectDisposedException)
        {
            // A side of a mirror was closed meanwhile.
            return held;
        }

        long now = metadata.ReserveHeldBytes;
        if (now < held)
        {
            LogUsed(logger, stores.MetadataPath, now >> 20);
        }
        else if (now > held)
        {
            LogRefilled(logger, now >> 20);
        }

        return now;
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
