using Tarn.Core.Logging;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Storage;

/// <summary>Reports in the server's log what happens to the logs of buckets: the same trouble at most every ten minutes, since it comes back with each delivery.</summary>
internal sealed partial class BucketLogEvents(TimeProvider clock, ILogger<BucketLogEvents> logger) : ILogEvents
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(10);

    /// <summary>How many troubles are told apart; with more, those reported longest ago are forgotten.</summary>
    private const int MaxKnown = 1000;

    private readonly Lock _gate = new();
    private readonly Dictionary<(Trouble Trouble, string What), (DateTimeOffset Next, long Unreported)> _known = [];

    private enum Trouble
    {
        Lost,
        Dropped,
        Failed,
        Torn,
        SpoolFailed,
        SettingFailed,
        Missing,
        FailedUnexpectedly,
    }

    public void Lost(LogLoss why, long lines, Exception? cause)
    {
        if (IsDue(Trouble.Lost, why.ToString(), ref lines))
        {
            LogLost(logger, cause, lines, why switch
            {
                LogLoss.Queue => "they were not written to the data directory fast enough",
                LogLoss.Expired => "their files in log-spool could not be read for too long",
                _ when cause is null => "there is no room for them: --bucket-log-spool, of which an owner gets as much as is left for others",
                _ => "they could not be written to the data directory",
            });
        }
    }

    public void Dropped(LogDestination destination, LogLoss why, string reason, long lines)
    {
        // By owner: one with many buckets must not fill the log, nor push out what is known of others.
        if (IsDue(Trouble.Dropped, destination.OwnerId, ref lines))
        {
            LogDropped(
                logger, lines, destination.Account, destination.Source, destination.Logging.TargetBucket,
                why == LogLoss.Expired ? $"they could not be delivered for too long: {reason}" : reason);
        }
    }

    public void Failed(LogDestination destination, Exception cause, bool isExpected)
    {
        if (!isExpected)
        {
            if (IsDue(Trouble.FailedUnexpectedly, cause.GetType().ToString()))
            {
                LogFailedUnexpectedly(logger, cause, destination.Source, destination.Logging.TargetBucket);
            }
        }
        else if (IsDue(Trouble.Failed, destination.OwnerId))
        {
            LogFailed(logger, cause, destination.Source, destination.Logging.TargetBucket);
        }
    }

    public void SettingFailed(Exception cause)
    {
        if (IsDue(Trouble.SettingFailed, ""))
        {
            LogSettingFailed(logger, cause);
        }
    }

    public void Missing(string file, long bytes)
    {
        if (IsDue(Trouble.Missing, file))
        {
            LogMissing(logger, file, bytes);
        }
    }

    public void Torn(string file, long bytes)
    {
        if (IsDue(Trouble.Torn, file))
        {
            LogTorn(logger, bytes, file);
        }
    }

    public void SpoolFailed(Exception cause)
    {
        if (IsDue(Trouble.SpoolFailed, ""))
        {
            LogSpoolFailed(logger, cause);
        }
    }

    private bool IsDue(Trouble trouble, string what)
    {
        long one = 1;
        return IsDue(trouble, what, ref one);
    }

    /// <summary>Whether it is time to report it again; the number is then that of all since the last time.</summary>
    private bool IsDue(Trouble trouble, string what, ref long number)
    {
        DateTimeOffset now = clock.GetUtcNow();
        lock (_gate)
        {
            (DateTimeOffset next, long unreported) = _known.GetValueOrDefault((trouble, what));
            number += unreported;
            if (now < next)
            {
                _known[(trouble, what)] = (next, number);
                return false;
            }

            if (_known.Count >= MaxKnown && !_known.ContainsKey((trouble, what)))
            {
                // What was reported longest ago.
                _known.Remove(_known.MinBy(static known => known.Value.Next).Key);
            }

            _known[(trouble, what)] = (now + Pause, 0);
            return true;
        }
    }

    [LoggerMessage(EventIds.BucketLogLinesLost, LogLevel.Error, "{Lines} lines of the logs of buckets were lost: {Reason}")]
    private static partial void LogLost(ILogger logger, Exception? exception, long lines, string reason);

    [LoggerMessage(EventIds.BucketLogDropped, LogLevel.Warning, "{Lines} lines of the logs of buckets of {Organization} were not delivered, the last those of {Source} to {Target}: {Reason}")]
    private static partial void LogDropped(ILogger logger, long lines, string organization, string source, string target, string reason);

    [LoggerMessage(EventIds.BucketLogFailed, LogLevel.Warning, "The log of the bucket {Source} could not be delivered to {Target}; it is tried again")]
    private static partial void LogFailed(ILogger logger, Exception exception, string source, string target);

    [LoggerMessage(EventIds.BucketLogTorn, LogLevel.Warning, "{Bytes} bytes of {File} in log-spool cannot be read: a crash left its end so, they are damaged, or a newer build wrote them")]
    private static partial void LogTorn(ILogger logger, long bytes, string file);

    [LoggerMessage(EventIds.BucketLogSpoolFailed, LogLevel.Error, "The lines of the logs of buckets in the data directory (log-spool) cannot be read or written; it is tried again")]
    private static partial void LogSpoolFailed(ILogger logger, Exception exception);

    [LoggerMessage(EventIds.BucketLogSettingFailed, LogLevel.Error, "It could not be read where lines of the logs of buckets go: they go where they went before, or are lost")]
    private static partial void LogSettingFailed(ILogger logger, Exception exception);

    [LoggerMessage(EventIds.BucketLogSegmentMissing, LogLevel.Error, "{File} in log-spool, which had {Bytes} bytes, is gone, and with it the lines that it had")]
    private static partial void LogMissing(ILogger logger, string file, long bytes);

    [LoggerMessage(EventIds.BucketLogFailedUnexpectedly, LogLevel.Error, "The log of the bucket {Source} could not be delivered to {Target}, for a reason that is a defect; it is tried again")]
    private static partial void LogFailedUnexpectedly(ILogger logger, Exception exception, string source, string target);
}
