using Tarn.Core.Model;

namespace Tarn.Core.Lifecycle;

/// <summary>One walk over one bucket, a page at a time: examines every key in the scope of a rule, then every upload.</summary>
internal sealed class LifecycleWalk
{
    private const int KeysPerCommit = 32;

    private readonly ILifecycleTarget _target;
    private readonly LifecycleBucket _bucket;
    private readonly StoredCursor _cursor;
    private readonly LifecycleOptions _options;
    private readonly TimeProvider _clock;
    private readonly LifecycleTally _tally;
    private readonly LifecyclePlanner _planner;
    private readonly LifecyclePace _pace;
    private volatile bool _bucketChanged;

    public LifecycleWalk(
        ILifecycleTarget target, LifecycleBucket bucket, StoredCursor cursor, LifecycleOptions options, TimeProvider clock, LifecycleTally tally)
    {
        _target = target;
        _bucket = bucket;
        _cursor = cursor;
        _options = options;
        _clock = clock;
        _tally = tally;
        _planner = bucket.Configuration.PlannerFor(options.Day);
        _pace = new LifecyclePace(options.VersionsPerSecond, clock);
    }

    /// <summary>Continues from the cursor to the end, or until the bucket changes or another worker takes over.</summary>
    public async ValueTask RunAsync(CancellationToken cancellationToken)
    {
        int pages = 0;
        LifecycleCursor? at = _cursor.Value;
        while (at is not null && at.Phase != LifecyclePhase.Done)
        {
            LifecycleCursor next = at.Phase == LifecyclePhase.Keys
                ? await WalkKeysAsync(at, cancellationToken)
                : await WalkUploadsAsync(at, cancellationToken);

            // The cursor passes a page only once everything on it is done.
            bool saves = ++pages % _options.PagesPerSave == 0 || next.Phase != at.Phase;
            if (_bucketChanged || (saves && !await _cursor.SaveAsync(next, cancellationToken)))
            {
                return;
            }

            at = next;
        }
    }

    private async ValueTask<LifecycleCursor> WalkKeysAsync(LifecycleCursor at, CancellationToken cancellationToken)
    {
        LifecycleCursor end = at with { Phase = _planner.ActsOnUploads ? LifecyclePhase.Uploads : LifecyclePhase.Done, Position = [] };
        if (_planner.Scope.Seek(at.Position) is not { } from)
        {
            return end;
        }

        IReadOnlyList<LifecycleKey> keys = await _target.ReadKeysAsync(_bucket, from, _options.PageSize, cancellationToken);
        IEnumerable<LifecycleKey> inScope = keys.Where(key => _planner.Scope.Seek(key.Key) == key.Key);
        if (_bucket.Versioning == VersioningState.Never)
        {
            await ActOnOnlyVersionsAsync(inScope, cancellationToken);
        }
        else
        {
            await Parallel.ForEachAsync(
                inScope,
                new ParallelOptions { MaxDegreeOfParallelism = _options.Concurrency, CancellationToken = cancellationToken },
                ActAsync);
        }

        return keys.Count < _options.PageSize ? end : at with { Position = [.. keys[^1].Key, 0] };
    }

    /// <summary>
    /// Where no versions are kept, a few keys at a time share one commit, which costs a tenth of a commit for each. The pace is
    /// kept between these groups, so that requests never wait for a whole page.
    /// </summary>
    private async ValueTask ActOnOnlyVersionsAsync(IEnumerable<LifecycleKey> keys, CancellationToken cancellationToken)
    {
        foreach (LifecycleKey[] some in keys.Chunk(KeysPerCommit))
        {
            List<LifecyclePlanned> planned = [];
            foreach (LifecycleKey key in some)
            {
                if (_planner.PlanLatest(key.Key, key.Newest, hasOlder: false, _clock.GetUtcNow()) is { } action)
                {
                    planned.Add(new LifecyclePlanned(key.Key, action));
                }
            }

            if (planned.Count > 0 && !_bucketChanged)
            {
                IReadOnlyList<LifecycleResult> results = await _target.ApplyAsync(_bucket, planned, cancellationToken);
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
    private async ValueTask ActAsync(LifecycleKey key, CancellationToken cancellationToken)
    {
        await CountAsync(1, cancellationToken);
        bool hasOlder = false;
        if (_bucket.Versioning != VersioningState.Never && _planner.ActsOnNoncurrent)
        {
            hasOlder = await ActOnNoncurrentAsync(key.Key, cancellationToken);
        }
        else if (key.Newest.IsDeleteMarker)
        {
            hasOlder = (await _target.ReadNoncurrentAsync(_bucket, key.Key, null, 1, cancellationToken)).Count > 0;
        }

        if (!_bucketChanged && _planner.PlanLatest(key.Key, key.Newest, hasOlder, _clock.GetUtcNow()) is { } action)
        {
            await ApplyAsync(key.Key, action, [], cancellationToken);
        }
    }

    /// <summary>Acts on the noncurrent versions of one key, and returns whether any are left.</summary>
    private async ValueTask<bool> ActOnNoncurrentAsync(byte[] key, CancellationToken cancellationToken)
    {
        var newest = new List<LifecycleVersion>(Math.Min(_planner.Witnesses, 4));
        int rank = 0;
        bool anyLeft = false;
        LifecycleVersion? last = null;
        while (!_bucketChanged)
        {
            IReadOnlyList<LifecycleVersion> page = await _target.ReadNoncurrentAsync(_bucket, key, last, _options.PageSize, cancellationToken);
            await CountAsync(page.Count, cancellationToken);
            foreach (LifecycleVersion version in page)
            {
                LifecycleAction? action = _planner.PlanNoncurrent(key, version, rank++, _clock.GetUtcNow());
                anyLeft |= action is null
                    || await ApplyAsync(key, action, newest.Take(action.Keep).ToList(), cancellationToken) != LifecycleResult.Applied;
                if (newest.Count < _planner.Witnesses)
                {
                    newest.Add(version);
                }
            }

            if (page.Count < _options.PageSize)
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
        LifecycleResult result = _bucketChanged
            ? LifecycleResult.BucketChanged
            : await _target.ApplyAsync(_bucket, key, action, witnesses, cancellationToken);
        Tally(action, result);
        return result;
    }

    private void Tally(LifecycleAction action, LifecycleResult result)
    {
        _tally.Count(action.Kind, result);
        _bucketChanged |= result == LifecycleResult.BucketChanged;
    }

    private async ValueTask<LifecycleCursor> WalkUploadsAsync(LifecycleCursor at, CancellationToken cancellationToken)
    {
        IReadOnlyList<LifecycleUpload> uploads = await _target.ReadUploadsAsync(_bucket, at.Position, _options.PageSize, cancellationToken);
        await CountAsync(uploads.Count, cancellationToken);
        foreach (LifecycleUpload upload in uploads)
        {
            if (!_bucketChanged && _planner.AbortOf(upload.Key, upload.Initiated) is var (due, _) && due <= _clock.GetUtcNow())
            {
                LifecycleResult result = await _target.AbortAsync(_bucket, upload, cancellationToken);
                _tally.CountAbort(result);
                _bucketChanged |= result == LifecycleResult.BucketChanged;
            }
        }

        return uploads.Count < _options.PageSize
            ? at with { Phase = LifecyclePhase.Done, Position = [] }
            : at with { Position = uploads[^1].Next };
    }

    private ValueTask CountAsync(int versions, CancellationToken cancellationToken)
    {
        _tally.CountExamined(versions);
        return _pace.CountAsync(versions, cancellationToken);
    }
}
