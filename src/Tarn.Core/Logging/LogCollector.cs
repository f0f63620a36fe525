using System.Text;
using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.Core.Model;

namespace Tarn.Core.Logging;

/// <summary>Brings lines from memory to the spool, each with where it is to go. For one caller at a time.</summary>
/// <param name="queue">The lines in memory.</param>
/// <param name="spool">Where they are written.</param>
/// <param name="buckets">Has the settings of the buckets that they are about.</param>
/// <param name="accounts">Has the accounts of those buckets' owners.</param>
/// <param name="region">The server's region, which is that of every bucket.</param>
/// <param name="clock">Limits how long that is looked up.</param>
/// <param name="tally">Counts what is lost.</param>
/// <param name="events">Is told of it.</param>
public sealed class LogCollector(
    LoggedLines queue, LogSpool spool, BucketCatalog buckets, IAccountDirectory accounts, string region, TimeProvider clock, LogTally tally, ILogEvents events)
{
    /// <summary>How long a pass looks up where lines go. Then they go where lines about their bucket went before: metadata that blocks must not keep lines in memory.</summary>
    private static readonly TimeSpan LookUpLimit = TimeSpan.FromSeconds(1);

    /// <summary>How many buckets' destinations are remembered, for lines about buckets that are deleted before they are collected.</summary>
    private const int MaxRemembered = 1000;

    // By the id of the bucket; what was looked up least recently first.
    private readonly OrderedDictionary<ulong, LogDestination> _remembered = [];

    /// <summary>Whether lines stay in memory for now, because the spool could not be written.</summary>
    public bool IsResting => spool.IsResting;

    /// <summary>Collects the lines that wait, and seals what is due to be delivered. Lines that cannot be written are counted and reported.</summary>
    public async ValueTask RunOnceAsync(CancellationToken cancellationToken)
    {
        if (!IsResting)
        {
            await CollectAsync(cancellationToken);
        }

        try
        {
            spool.Load();
            spool.SealDue();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            events.SpoolFailed(e);
        }
    }

    /// <summary>Collects the lines that wait.</summary>
    /// <param name="cancellationToken">Cancels looking up where they go; the lines are written nevertheless, to where lines about their bucket went before.</param>
    public async ValueTask CollectAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<LoggedLine> lines = queue.Take(out long missed);
        if (missed > 0)
        {
            events.Lost(LogLoss.Queue, missed, null);
        }

        if (lines.Count == 0)
        {
            return;
        }

        IReadOnlyList<LogBatch> batches = await BatchAsync(lines, cancellationToken);
        try
        {
            if (spool.Append(batches) is > 0 and long full)
            {
                Lose(full, null);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Lose(batches.Sum(static batch => (long)batch.Count), e);
        }
    }

    private async ValueTask<IReadOnlyList<LogBatch>> BatchAsync(IReadOnlyList<LoggedLine> lines, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(LookUpLimit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var places = new Dictionary<ulong, Place>();
        var texts = new Dictionary<(LogDestination Destination, int Day), (int Count, StringBuilder Text)>();
        foreach (LoggedLine line in lines)
        {
            if (!places.TryGetValue(line.BucketId, out Place found))
            {
                places[line.BucketId] = found = await FindAsync(line, either.Token);
            }

            if (found.Destination is not { } destination)
            {
                if (found.Loss is { } loss)
                {
                    tally.AddLost(loss, 1);
                }

                continue;
            }

            (LogDestination, int) place = (destination, DateOnly.FromDateTime(line.Time.UtcDateTime).DayNumber);
            (int count, StringBuilder text) = texts.TryGetValue(place, out (int Count, StringBuilder Text) known) ? known : (0, new StringBuilder());
            text.Append(line.Text).Append('\n');
            texts[place] = (count + 1, text);
        }

        return [.. texts.Select(static batch => new LogBatch(batch.Key.Destination, batch.Key.Day, batch.Value.Count, Encoding.ASCII.GetBytes(batch.Value.Text.ToString())))];
    }

    /// <summary>Where a bucket's lines go; nowhere when its owner has turned that off meanwhile, or when it is not known.</summary>
    private async ValueTask<Place> FindAsync(LoggedLine line, CancellationToken cancellationToken)
    {
        try
        {
            Bucket? bucket = await buckets.FindAsync(BucketName.FromStorage(line.Bucket), cancellationToken);
            if (bucket?.Id != line.BucketId)
            {
                // Anybody can delete a bucket faster than its lines are collected: nothing that an operator could mend.
                return new Place(_remembered.GetValueOrDefault(line.BucketId), LogLoss.Gone);
            }

            if (await buckets.GetSettingAsync(bucket, BucketLogging.Stored, cancellationToken) is not { } logging)
            {
                _remembered.Remove(bucket.Id);
                return default;
            }

            string account = (await accounts.FindByCanonicalIdAsync(bucket.OwnerId, cancellationToken))?.OrganizationId ?? bucket.OwnerId;
            var found = new LogDestination(bucket.Id, bucket.Name.Value, bucket.OwnerId, account, region, logging with { Grants = null });
            Remember(found);
            return new Place(found, null);
        }
        catch (Exception e) when (e is IOException or S3Exception or OperationCanceledException)
        {
            // The metadata failed or takes too long, or the bucket's row is damaged: where lines went before is most likely where they go now.
            events.SettingFailed(e);
            return new Place(_remembered.GetValueOrDefault(line.BucketId), LogLoss.Setting);
        }
    }

    private void Remember(LogDestination destination)
    {
        _remembered.Remove(destination.SourceId);
        if (_remembered.Count >= MaxRemembered)
        {
            _remembered.RemoveAt(0);
        }

        _remembered.Add(destination.SourceId, destination);
    }

    private void Lose(long lines, Exception? cause)
    {
        tally.AddLost(LogLoss.Spool, lines);
        events.Lost(LogLoss.Spool, lines, cause);
    }

    /// <summary>Where a bucket's lines go.</summary>
    /// <param name="Destination">The destination; null when there is none.</param>
    /// <param name="Loss">Why the lines are then lost; null when they are not wanted.</param>
    private readonly record struct Place(LogDestination? Destination, LogLoss? Loss);
}
