using System.Diagnostics;
using Tarn.Core.KeyValue;
using Tarn.Core.Telemetry;

namespace Tarn.Core.Lifecycle;

/// <summary>
/// Walks the buckets that have lifecycle rules, once each lifecycle day and once when the rules change, and performs what the
/// planner decides. Actions need not be remembered: an interrupted walk continues from its stored cursor, and may examine a
/// page twice but never skips one.
/// </summary>
public sealed class LifecycleWorker
{
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan MinPause = TimeSpan.FromMilliseconds(100);

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

    /// <summary>Counts of what was done since the process started.</summary>
    public LifecycleTally Tally { get; } = new();

    /// <summary>Works until cancelled. Failures are reported and retried.</summary>
    public async Task RunAsync(Action<Exception> failed, CancellationToken cancellationToken)
    {
        TimeSpan pause = TimeSpan.FromTicks(Math.Clamp(_options.Day.Length.Ticks / 4, MinPause.Ticks, MaxPause.Ticks));
        using var timer = new PeriodicTimer(pause, _clock);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            try
            {
                await RunOnceAsync(failed, cancellationToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                Tally.CountFailure();
                failed(e);
            }
        }
    }

    /// <summary>Walks every bucket whose walk is due or was interrupted. A failure in one bucket is reported and does not stop the others.</summary>
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
                Tally.CountFailure();
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
            await BackgroundSpan.RunAsync("Lifecycle", async span =>
            {
                LifecycleCounts before = Tally.Counts;
                try
                {
                    await new LifecycleWalk(_target, bucket, cursor, _options, _clock, Tally).RunAsync(cancellationToken);
                    if (cursor.Value!.Phase == LifecyclePhase.Done)
                    {
                        Tally.CountWalk(_clock.GetUtcNow());
                    }
                }
                finally
                {
                    Describe(span, bucket, Tally.Counts.Since(before));
                }
            });
        }
    }

    private static void Describe(Activity? span, LifecycleBucket bucket, LifecycleCounts counts) => span?
        .SetTag("tarn.bucket.id", bucket.Id)
        .SetTag("tarn.lifecycle.examined", counts.Examined)
        .SetTag("tarn.lifecycle.expired", counts.Expired)
        .SetTag("tarn.lifecycle.versions_deleted", counts.VersionsDeleted)
        .SetTag("tarn.lifecycle.markers_removed", counts.MarkersRemoved)
        .SetTag("tarn.lifecycle.uploads_aborted", counts.UploadsAborted)
        .SetTag("tarn.lifecycle.changed", counts.Changed);

    /// <summary>Actions become due when a day begins, so a walk that started on an earlier day has missed some.</summary>
    private bool IsOver(LifecycleCursor cursor, DateTimeOffset now) =>
        cursor.Phase == LifecyclePhase.Done
        && _options.Day.Number(DateTimeOffset.FromUnixTimeMilliseconds(cursor.Started)) < _options.Day.Number(now);
}

/// <summary>How the lifecycle worker works.</summary>
public sealed record LifecycleOptions
{
    /// <summary>How long a lifecycle day lasts.</summary>
    public LifecycleDay Day { get; init; } = LifecycleDay.Real;

    /// <summary>The maximum number of versions and uploads to examine per second.</summary>
    public int VersionsPerSecond { get; init; } = 18_000;

    /// <summary>How many keys, versions of a key, or uploads to read at a time.</summary>
    public int PageSize { get; init; } = 256;

    /// <summary>How many pages to examine between saves of the cursor: each save is a commit, and an interrupted walk repeats up to this many pages.</summary>
    public int PagesPerSave { get; init; } = 8;

    /// <summary>How many keys to act on concurrently; they share the store's group commits.</summary>
    public int Concurrency { get; init; } = 8;
}
