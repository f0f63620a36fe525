using Tarn.Core.Maintenance;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Background;

/// <summary>Counts what buckets hold where the counts are not exact: after the first start with a store of an earlier build, and when an operator dropped what could not be read.</summary>
internal sealed partial class RecountService(Recount recount, TimeProvider clock, ILogger<RecountService> logger) : BackgroundWork(logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    /// <summary>The longest pause after failures: damage may keep everything from being counted until an operator has dropped it.</summary>
    private static readonly TimeSpan MaxPause = TimeSpan.FromHours(6);

    protected override async Task RunAsync(CancellationToken stopping)
    {
        TimeSpan pause = Pause;
        while (true)
        {
            try
            {
                if (await recount.RunOnceAsync(stopping))
                {
                    LogCounted(logger);
                }

                pause = Pause;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                Failed(e);
                pause = pause * 2 < MaxPause ? pause * 2 : MaxPause;
            }

            await Task.Delay(pause, clock, stopping);
        }
    }

    protected override void LogFailed(Exception e) => LogFailed(logger, e);

    [LoggerMessage(EventIds.BucketsCounted, LogLevel.Information, "What the buckets hold was counted; the counts are exact from now on")]
    private static partial void LogCounted(ILogger logger);

    [LoggerMessage(EventIds.RecountFailed, LogLevel.Error, "Counting what the buckets hold failed; it is tried again later")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
