using Tarn.Core.Logging;

namespace Tarn.Server.Background;

/// <summary>Brings lines about requests to the data directory, every second, and from there to the buckets that collect them.</summary>
internal sealed class BucketLogService : BackgroundWork
{
    /// <summary>The time between two writes to the data directory: lines of about so long are lost in a crash.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>How long the end of the server waits to learn where the last lines go.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly LoggedLines _queue;
    private readonly LogCollector _collector;
    private readonly LogSpool _spool;
    private readonly LogDelivery _delivery;
    private readonly ILogEvents _events;
    private readonly TimeProvider _clock;
    private readonly BucketLogMetrics _metrics;

    public BucketLogService(
        LoggedLines queue, LogCollector collector, LogSpool spool, LogDelivery delivery, LogTally tally, ILogEvents events, TimeProvider clock, ILogger<BucketLogService> logger) : base(logger)
    {
        _queue = queue;
        _collector = collector;
        _spool = spool;
        _delivery = delivery;
        _events = events;
        _clock = clock;
        _metrics = new BucketLogMetrics(tally, queue, spool);
    }

    public override void Dispose()
    {
        _metrics.Dispose();
        base.Dispose();
    }

    /// <summary>Two loops: lines must get to the disk while a target or the store takes none.</summary>
    protected override Task RunAsync(CancellationToken stopping) => Task.WhenAll(Task.Run(() => CollectAsync(stopping), CancellationToken.None), DeliverAsync(stopping));

    protected override void LogFailed(Exception e) => _events.SpoolFailed(e);

    private async Task CollectAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(Pause, _clock);
        Task<bool> tick = timer.WaitForNextTickAsync(stopping).AsTask();
        try
        {
            while (true)
            {
                await TryAsync(() => _collector.RunOnceAsync(stopping), stopping);
                await Task.WhenAny(tick, _collector.IsResting ? tick : _queue.HalfFull);
                if (tick.IsCompleted)
                {
                    await tick;
                    tick = timer.WaitForNextTickAsync(stopping).AsTask();
                }
            }
        }
        finally
        {
            // Requests have ended by now: their last lines are delivered after the next start. What comes later nevertheless is counted as lost.
            _queue.Close();
            using var patience = new CancellationTokenSource(Patience, _clock);
            try
            {
                await _collector.CollectAsync(patience.Token);
            }
            finally
            {
                _spool.Dispose();
            }
        }
    }

    private async Task DeliverAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(Pause, _clock);
        do
        {
            await TryAsync(() => _delivery.RunOnceAsync(stopping), stopping);
        }
        while (await timer.WaitForNextTickAsync(stopping));
    }

    private async Task TryAsync(Func<ValueTask> work, CancellationToken stopping)
    {
        try
        {
            await work();
        }
        catch (Exception e) when (!stopping.IsCancellationRequested)
        {
            // Neither loop may end before the server does.
            Failed(e);
        }
    }
}
