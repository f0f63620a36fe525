using Tarn.Backends.RocksDb;
using Tarn.Core.Maintenance;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Storage;

/// <summary>Shows how much room there is, sets aside again what deletes used of the reserve, and has the metadata say when it failed in the background.</summary>
internal sealed partial class StorageWatch(
    DataDirectory data, RocksDbKeyValueStore metadata, ReclaimWorker reclaim, OrphanScan orphans, TimeProvider clock, ILogger logger) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly StorageMetrics _metrics = new(data, metadata, reclaim, orphans);

    public async Task RunAsync(CancellationToken stopping)
    {
        if (!metadata.ReserveIsSetAside)
        {
            LogCounted(logger, data.Metadata);
        }

        using var timer = new PeriodicTimer(Pause, clock);
        long held = metadata.ReserveHeldBytes;
        try
        {
            while (await timer.WaitForNextTickAsync(stopping))
            {
                Refill();
                await metadata.CheckBackgroundAsync();
                long now = metadata.ReserveHeldBytes;
                if (now < held)
                {
                    LogGivenUp(logger, data.Metadata, now >> 20);
                }
                else if (now > held)
                {
                    LogRefilled(logger, now >> 20);
                }

                held = now;
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The server stops; the next one refills when it starts.
        }
    }

    public void Dispose() => _metrics.Dispose();

    private void Refill()
    {
        try
        {
            metadata.RefillReserve();
        }
        catch (IOException e)
        {
            LogRefillFailed(logger, e);
        }
    }

    [LoggerMessage(EventIds.ReserveCounted, LogLevel.Information, "The room that is kept for deletes in {Directory} is counted, not set aside: its file system makes no promise about room that was allocated. Another process that fills the disk can take it")]
    private static partial void LogCounted(ILogger logger, string directory);

    [LoggerMessage(EventIds.ReserveUsed, LogLevel.Warning, "The disk that holds {Directory} is full: deletes use the room that is kept for them, of which {Left} MiB are still set aside")]
    private static partial void LogGivenUp(ILogger logger, string directory, long left);

    [LoggerMessage(EventIds.ReserveRefilled, LogLevel.Information, "There is room again: {Held} MiB are set aside for deletes")]
    private static partial void LogRefilled(ILogger logger, long held);

    [LoggerMessage(EventIds.ReserveRefillFailed, LogLevel.Warning, "Room for deletes could not be set aside; it is tried again later")]
    private static partial void LogRefillFailed(ILogger logger, Exception exception);
}
