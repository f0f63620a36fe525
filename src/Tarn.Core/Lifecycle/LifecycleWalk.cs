using Tarn.Core.Model;

namespace Tarn.Core.Lifecycle;

/// <summary>One walk over one bucket, a page at a time: examines every key in the scope of a rule, then every upload.</summary>
internal sealed class LifecycleWalk
{
    private readonly ILifecycleTarget _target;
    private readonly LifecycleBucket _bucket;
    private readonly StoredCursor _cursor;
    private readonly LifecycleOptions _options;
    private readonly LifecyclePlanner _planner;
    private readonly LifecycleExecutor _executor;

    public LifecycleWalk(
        ILifecycleTarget target, LifecycleBucket bucket, StoredCursor cursor, LifecycleOptions options, TimeProvider clock, LifecycleTally tally)
    {
        _target = target;
        _bucket = bucket;
        _cursor = cursor;
        _options = options;
        _planner = bucket.Configuration.PlannerFor(options.Day);
        _executor = new LifecycleExecutor(target, bucket, options, clock, tally);
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
            if (_executor.BucketChanged || (saves && !await _cursor.SaveAsync(next, cancellationToken)))
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
            await _executor.ActOnOnlyVersionsAsync(inScope, cancellationToken);
        }
        else
        {
            await Parallel.ForEachAsync(
                inScope,
                new ParallelOptions { MaxDegreeOfParallelism = _options.Concurrency, CancellationToken = cancellationToken },
                _executor.ActAsync);
        }

        return keys.Count < _options.PageSize ? end : at with { Position = [.. keys[^1].Key, 0] };
    }

    private async ValueTask<LifecycleCursor> WalkUploadsAsync(LifecycleCursor at, CancellationToken cancellationToken)
    {
        IReadOnlyList<LifecycleUpload> uploads = await _target.ReadUploadsAsync(_bucket, at.Position, _options.PageSize, cancellationToken);
        await _executor.AbortAsync(uploads, cancellationToken);
        return uploads.Count < _options.PageSize
            ? at with { Phase = LifecyclePhase.Done, Position = [] }
            : at with { Position = uploads[^1].Next };
    }
}
