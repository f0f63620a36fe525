using Tarn.Core.Model;

namespace Tarn.Core.Lifecycle;

/// <summary>
/// Applies one bucket's rules to the keys and uploads that a walk reads, at the worker's pace, and counts what it did. Thread-safe: a walk
/// acts on several keys at once.
/// </summary>
internal sealed class LifecycleExecutor(
    ILifecycleTarget target, LifecycleBucket bucket, LifecycleOptions options, TimeProvider clock, LifecycleTally tally)
{
    private const int KeysPerCommit = 32;

    private readonly LifecyclePlanner _planner = bucket.Configuration.PlannerFor(options.Day);
    private readonly WalkPace _pace = new(options.VersionsPerSecond, clock);
    private volatile bool _bucketChanged;

    /// <summary>Whether an action found that the bucket has changed. What was planned no longer applies then, and nothing more is done.</summary>
    public bool BucketChanged => _bucketChanged;

    /// <summary>
    /// Where no versions are kept, a few keys at a time share one commit, which costs a tenth of a commit for each. The pace is
    /// kept between these groups, so that requests never wait for a whole page.
    /// </summary>
    public async ValueTask ActOnOnlyVersionsAsync(IEnumerable<LifecycleKey> keys, CancellationToken cancellationToken)
    {
        foreach (LifecycleKey[] some in keys.Chunk(KeysPerCommit))
        {
            List<LifecyclePlanned> planned = [];
            foreach (LifecycleKey key in some)
            {
                if (_planner.PlanLatest(key.Key, key.Newest, hasOlder: false, clock.GetUtcNow()) is { } action)
                {
                    planned.Add(new LifecyclePlanned(key.Key, action));
                }
            }

            if (planned.Count > 0 && !BucketChanged)
            {
                IReadOnlyList<LifecycleResult> results = await target.ApplyAsync(bucket, planned, cancellationToken);
                for (int i = 0; i < results.Count; i++)
                {
                    Tally(planned[i].Action, results[i]);
                }
            }

            await CountAsync(some.Length, cancellationToken);
        }
    }

    /// <summary>
    /// Acts on one key: noncurrent versions first, so that a delete marker is removed once the last version that it hides is
    /// deleted.
    /// </summary>
    public async ValueTask ActAsync(LifecycleKey key, CancellationToken cancellationToken)
    {
        await CountAsync(1, cancellationToken);
        bool hasOlder = false;
        if (bucket.Versioning != VersioningState.Never && _planner.ActsOnNoncurrent)
        {
            hasOlder = await ActOnNoncurrentAsync(key.Key, cancellationToken);
        }
        else if (key.Newest.IsDeleteMarker)
        {
            hasOlder = (await target.ReadNoncurrentAsync(bucket, key.Key, null, 1, cancellationToken)).Count > 0;
        }

        if (!BucketChanged && _planner.PlanLatest(key.Key, key.Newest, hasOlder, clock.GetUtcNow()) is { } action)
        {
            await ApplyAsync(key.Key, action, [], cancellationToken);
        }
    }

    /// <summary>Aborts the uploads that are due.</summary>
    public async ValueTask AbortAsync(IReadOnlyList<LifecycleUpload> uploads, CancellationToken cancellationToken)
    {
        await CountAsync(uploads.Count, cancellationToken);
        foreach (LifecycleUpload upload in uploads)
        {
            if (!BucketChanged && _planner.AbortOf(upload.Key, upload.Initiated) is var (due, _) && due <= clock.GetUtcNow())
            {
                LifecycleResult result = await target.AbortAsync(bucket, upload, cancellationToken);
                tally.CountAbort(result);
                Note(result);
            }
        }
    }

    /// <summary>Acts on the noncurrent versions of one key, and returns whether any are left.</summary>
    private async ValueTask<bool> ActOnNoncurrentAsync(byte[] key, CancellationToken cancellationToken)
    {
        var newest = new List<LifecycleVersion>(Math.Min(_planner.Witnesses, 4));
        int rank = 0;
        bool anyLeft = false;
        LifecycleVersion? last = null;
        while (!BucketChanged)
        {
            IReadOnlyList<LifecycleVersion> page = await target.ReadNoncurrentAsync(bucket, key, last, options.PageSize, cancellationToken);
            await CountAsync(page.Count, cancellationToken);
            foreach (LifecycleVersion version in page)
            {
                LifecycleAction? action = _planner.PlanNoncurrent(key, version, rank++, clock.GetUtcNow());
                anyLeft |= action is null
                    || await ApplyAsync(key, action, newest.Take(action.Keep).ToList(), cancellationToken) != LifecycleResult.Applied;
                if (newest.Count < _planner.Witnesses)
                {
                    newest.Add(version);
                }
            }

            if (page.Count < options.PageSize)
            {
                break;
            }

            last = page[^1];
        }

        return anyLeft;
    }

    private async ValueTask<LifecycleResult> ApplyAsync(
        byte[] key, LifecycleAction action, IReadOnlyList<LifecycleVersion> witnesses, CancellationToken cancellationToken)
    {
        LifecycleResult result = BucketChanged
            ? LifecycleResult.BucketChanged
            : await target.ApplyAsync(bucket, key, action, witnesses, cancellationToken);
        Tally(action, result);
        return result;
    }

    private void Tally(LifecycleAction action, LifecycleResult result)
    {
        tally.Count(action.Kind, result);
        Note(result);
    }

    private void Note(LifecycleResult result)
    {
        if (result == LifecycleResult.BucketChanged)
        {
            _bucketChanged = true;
        }
    }

    private ValueTask CountAsync(int versions, CancellationToken cancellationToken)
    {
        tally.CountExamined(versions);
        return _pace.CountAsync(versions, cancellationToken);
    }
}
