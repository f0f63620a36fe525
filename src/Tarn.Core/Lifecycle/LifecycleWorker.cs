using Tarn.Core.KeyValue;

namespace Tarn.Core.Lifecycle;

/// <summary>
/// Walks the buckets that have lifecycle rules, once each lifecycle day and once when the rules change, and does what the
/// planner says. What was done is never needed to be known again: a walk that was cut off goes on from its stored cursor, and
/// looks at a page twice rather than never.
/// </summary>
public sealed class LifecycleWorker
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(100);

    private readonly IKeyValueStore _store;
    private readonly ILifecycleTarget _target;
    private readonly LifecycleOptions _options;
    private readonly TimeProvider _clock;

    internal LifecycleWorker(IKeyValueStore store, ILifecycleTarget target, LifecycleOptions options, TimeProvider clock)
    {
        _store = store;
        _target = target;
        _options = options;
        _clock = clock;
    }

    /// <summary>What was done since the process began.</summary>
    public LifecycleTally Tally { get; } = new();

    /// <summary>Works until cancelled. What goes wrong is reported and tried again.</summary>
    public async Task RunAsync(Action<Exception> failed, CancellationToken cancellationToken)
    {
        TimeSpan pause = TimeSpan.FromTicks(Math.Clamp(_options.Day.Length.Ticks / 4, ShortestPause.Ticks, LongestPause.Ticks));
        using var timer = new PeriodicTimer(pause, _clock);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            try
            {
                await RunOnceAsync(failed, cancellationToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                failed(e);
            }
        }
    }

    /// <summary>Walks every bucket whose walk is due or was cut off. What goes wrong with one bucket is reported, and does not stop the others.</summary>
    public async Task RunOnceAsync(Action<Exception> failed, CancellationToken cancellationToken)
    {
        await foreach (LifecycleBucket bucket in _target.BucketsAsync(cancellationToken))
        {
            try
            {
                await RunAsync(bucket, cancellationToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                failed(e);
            }
        }
    }

    private async ValueTask RunAsync(LifecycleBucket bucket, CancellationToken cancellationToken)
    {
        var cursor = new StoredCursor(_store, bucket.Id);
        await cursor.LoadAsync(cancellationToken);
        DateTimeOffset now = _clock.GetUtcNow();
        if (cursor.Value is not { } last || last.Fingerprint != bucket.Configuration.Fingerprint || IsOver(last, now))
        {
            var first = new LifecycleCursor { Started = now.ToUnixTimeMilliseconds(), Fingerprint = bucket.Configuration.Fingerprint };
            if (!await cursor.SaveAsync(first, cancellationToken))
            {
                return;
            }
        }

        if (cursor.Value!.Phase != LifecyclePhase.Done)
        {
            await new LifecycleWalk(_target, bucket, cursor, _options, _clock, Tally).RunAsync(cancellationToken);
        }
    }

    /// <summary>Things become due when a day begins, so a walk of an earlier day has not seen all of them.</summary>
    private bool IsOver(LifecycleCursor cursor, DateTimeOffset now) =>
        cursor.Phase == LifecyclePhase.Done
        && _options.Day.Number(DateTimeOffset.FromUnixTimeMilliseconds(cursor.Started)) < _options.Day.Number(now);
}

/// <summary>How the lifecycle worker works.</summary>
public sealed record LifecycleOptions
{
    /// <summary>How long a lifecycle day lasts.</summary>
    public LifecycleDay Day { get; init; } = LifecycleDay.Real;

    /// <summary>How many versions and uploads are looked at in a second, at most.</summary>
    public int VersionsPerSecond { get; init; } = 18_000;

    /// <summary>How many keys, versions of a key, or uploads are read at a time.</summary>
    public int PageSize { get; init; } = 256;

    /// <summary>After how many pages it is written down how far a walk is: each time is a commit, and a walk that is cut off looks at as many pages again.</summary>
    public int PagesPerSave { get; init; } = 8;

    /// <summary>How many keys are acted on at a time: they share the store's commits.</summary>
    public int Concurrency { get; init; } = 8;
}
