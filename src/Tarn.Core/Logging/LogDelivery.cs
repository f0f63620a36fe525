using System.Collections.Concurrent;
using Tarn.Core.Access;
using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.Model;
using Tarn.Core.Objects.Writing;
using Tarn.Core.Records;

namespace Tarn.Core.Logging;

/// <summary>
/// Writes the lines of sealed segments as objects of their targets. A segment is removed once all of its objects are committed, so a crash can repeat a
/// delivery; it then finds the objects by their keys. For one caller at a time. docs/design/access-logs.md
/// </summary>
public sealed class LogDelivery
{
    /// <summary>Objects that are written at a time.</summary>
    private const int AtOnce = 8;

    /// <summary>So many failures without a success in between are those of the store, not of one target.</summary>
    private const int StoreFailures = 16;

    /// <summary>The maximum number of doublings of the pause while the store fails: about eight minutes.</summary>
    private const int MaxDoublings = 4;

    private static readonly ObjectMetadata Metadata = new() { ContentType = "text/plain" };

    private readonly LogSpool _spool;
    private readonly LogTarget _target;
    private readonly ObjectWriter _writer;
    private readonly LogOptions _options;
    private readonly TimeProvider _clock;
    private readonly LogTally _tally;
    private readonly ILogEvents _events;

    private int _failedInRow;
    private int _pauses;
    private long _pausedAt;

    /// <param name="spool">The segments.</param>
    /// <param name="buckets">Finds the targets.</param>
    /// <param name="writer">Writes the objects.</param>
    /// <param name="organizations">The policies of the targets' owners.</param>
    /// <param name="options">When what failed is tried again, and for how long.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="tally">Counts what is delivered and lost.</param>
    /// <param name="events">Is told what fails.</param>
    public LogDelivery(
        LogSpool spool, BucketCatalog buckets, ObjectWriter writer, IOrganizationPolicySource organizations, LogOptions options, TimeProvider clock, LogTally tally, ILogEvents events)
    {
        _spool = spool;
        _target = new LogTarget(buckets, organizations, clock);
        _writer = writer;
        _options = options;
        _clock = clock;
        _tally = tally;
        _events = events;
    }

    private bool HasStoreFailed => Volatile.Read(ref _failedInRow) >= StoreFailures;

    private TimeSpan Pause => _options.RetryDelay * (1 << Math.Min(_pauses - 1, MaxDoublings));

    /// <summary>Delivers the sealed segments that are due, unless the store failed so recently that nothing is tried.</summary>
    public async ValueTask RunOnceAsync(CancellationToken cancellationToken)
    {
        if (_pauses > 0 && _clock.GetElapsedTime(_pausedAt) < Pause)
        {
            return;
        }

        _failedInRow = 0;
        foreach (LogSegment segment in _spool.Sealed.Where(segment => segment.IsDue(_clock, _options.RetryDelay)))
        {
            try
            {
                await DeliverAsync(segment, cancellationToken);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The spool's own files: what was delivered is found again by its keys.
                _events.SpoolFailed(e);
                if (segment.Fail(_clock) >= _options.Patience && !segment.IsDone)
                {
                    GiveUp(segment, e);
                }
            }

            if (HasStoreFailed)
            {
                (_pauses, _pausedAt) = (_pauses + 1, _clock.GetTimestamp());
                return;
            }
        }
    }

    private async ValueTask DeliverAsync(LogSegment segment, CancellationToken cancellationToken)
    {
        if (segment.IsDone)
        {
            _spool.Remove(segment);
            return;
        }

        if (_spool.Read(segment) is not { } bytes)
        {
            return;
        }

        SegmentContent content = SegmentFormat.Read(bytes);
        int unread = bytes.Length - content.Whole + content.Strange;
        if (unread > 0)
        {
            _events.Torn(segment.File, unread);
        }

        _spool.Know(segment, bytes.Length, content.Lines);
        var left = new ConcurrentBag<LogObject>();
        LogObject[] objects = [.. InTurns(LogObject.Of(content.Lines).Where(it => !segment.Settled.Contains(it.Place)))];
        var settled = new ConcurrentBag<(int Number, int Partition)>();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken };
        try
        {
            await Parallel.ForEachAsync(objects, parallel, async (it, token) =>
            {
                if (!HasStoreFailed && await TryDeliverAsync(segment, it, token))
                {
                    settled.Add(it.Place);
                }
                else
                {
                    left.Add(it);
                }
            });
        }
        finally
        {
            segment.Settled.UnionWith(settled);
        }

        if (left.IsEmpty && content.Strange == 0)
        {
            _spool.Remove(segment);
            return;
        }

        TimeSpan failing = segment.Fail(_clock);
        if (content.Strange > 0)
        {
            // The newer build may come back, and has to find its file as it was.
            if (failing >= _options.Patience)
            {
                GiveUp(segment, null);
            }
        }
        else if (!settled.IsEmpty)
        {
            // Those that cannot be delivered must not take the room of those that can.
            _spool.Keep(segment, [.. left.OrderBy(static it => it.Place).SelectMany(static it => it.Lines)]);
        }
    }

    /// <summary>The objects of each owner in turn: those of one must not wait for all of another's.</summary>
    private static IEnumerable<LogObject> InTurns(IEnumerable<LogObject> objects) => objects
        .GroupBy(static it => it.Destination.OwnerId)
        .SelectMany(static owner => owner.Select(static (it, turn) => (it, turn)))
        .OrderBy(static it => it.turn)
        .Select(static it => it.it);

    /// <summary>Writes an object; true once it is there, or given up.</summary>
    private async ValueTask<bool> TryDeliverAsync(LogSegment segment, LogObject lines, CancellationToken cancellationToken)
    {
        LogDestination destination = lines.Destination;
        (int number, int partition) = lines.Place;
        if (!LogObjectKey.TryCreate(destination, partition, segment.Delivered, LogObjectKey.Unique(segment.Id, number, partition), out ObjectKey key))
        {
            return Drop(lines, LogLoss.Target, "the key would be longer than 1,024 bytes");
        }

        try
        {
            (Bucket? bucket, AccessControlList? acl, string? refusal) = await _target.FindAsync(destination, key, cancellationToken);
            if (refusal is not null)
            {
                return Drop(lines, LogLoss.Target, refusal);
            }

            await _writer.PutAsync(
                bucket!, key, bucket!.OwnerId, Metadata with { Acl = acl }, new MemoryBody(lines.Join()), new IngestRequest(), WriteCondition.Absent, cancellationToken);
            return Delivered(lines);
        }
        catch (S3Exception e) when (e.Error == S3Error.PreconditionFailed)
        {
            // An earlier try wrote it, and its answer was lost or its segment not removed.
            return Delivered(lines);
        }
        catch (S3Exception e) when (e.Error == S3Error.NoSuchBucket)
        {
            return Drop(lines, LogLoss.Target, "the target bucket does not exist");
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            _tally.AddFailure();
            if (e is IOException and not RecordFormatException)
            {
                Interlocked.Increment(ref _failedInRow);
            }

            if (segment.FailedSince is { } since && _clock.GetElapsedTime(since) >= _options.Patience)
            {
                return Drop(lines, LogLoss.Expired, e.Message);
            }

            _events.Failed(destination, e, isExpected: e is IOException or S3Exception or TimeoutException or OperationCanceledException);
            return false;
        }
    }

    private bool Delivered(LogObject lines)
    {
        _tally.AddObject(lines.Count);
        Volatile.Write(ref _failedInRow, 0);
        _pauses = 0;
        return true;
    }

    private bool Drop(LogObject lines, LogLoss why, string reason)
    {
        _tally.AddLost(why, lines.Count);
        _events.Dropped(lines.Destination, why, reason, lines.Count);
        return true;
    }

    /// <summary>Gives up what could not be read of a segment for too long; of one that was never read nobody knows the number of lines: it counts as one.</summary>
    private void GiveUp(LogSegment segment, Exception? cause)
    {
        long lines = cause is null ? 1 : segment.Lines ?? 1;
        _tally.AddLost(LogLoss.Expired, lines);
        _events.Lost(LogLoss.Expired, lines, cause);
        segment.IsDone = true;
    }
}
