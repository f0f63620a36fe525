using Tarn.Core.Errors;

namespace Tarn.Core.KeyValue;

/// <summary>
/// Reads, decides, and commits with checks of what was read; retries if another change came in between. The first attempt
/// takes no lock. An attempt that conflicts queues for the contended row, and so does every attempt that starts while there is a queue:
/// within this process changes of one row are then serialized, each succeeds in one attempt, and none fails however many there are.
/// docs/decisions/0013-optimistic-transactions.md
/// </summary>
/// <param name="store">The store that holds the rows.</param>
/// <param name="clock">Measures the bound and the backoff.</param>
/// <param name="random">Spreads the backoff.</param>
internal sealed class OptimisticTransaction(IKeyValueStore store, TimeProvider clock, IRandomSource random)
{
    /// <summary>
    /// How long attempts and waiting may take after the first conflict or, for a transaction that joins a queue, in total. Less than the minute
    /// after which AWS's SDK for Python times out.
    /// </summary>
    public static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    // Attempts that were running when the queue formed may each win once more; conflicts beyond those come from another process.
    private const int LossesWithoutBackoff = 8;

    private static readonly TimeSpan FirstBackoff = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan MaxBackoff = TimeSpan.FromMilliseconds(250);

    private readonly KeyedMutex _queues = new(clock);

    /// <summary>The number of attempts that wait for a row.</summary>
    internal int Waiting(byte[] row) => _queues.Waiting(row);

    /// <summary>Runs one transaction.</summary>
    /// <param name="contended">
    /// The row for which conflicting attempts queue. It need not be one that is checked.
    /// </param>
    /// <param name="decide">
    /// Reads and decides, once for each attempt; throws to refuse. To avoid deadlock it must not run a transaction for the same row,
    /// or for a row whose holder may wait for this one.
    /// </param>
    /// <param name="cancellationToken">Cancels the operation until the commit is submitted.</param>
    /// <returns>The result of the decision that was committed.</returns>
    /// <exception cref="S3Exception">SlowDown after <see cref="Bound"/>.</exception>
    public async ValueTask<T> RunAsync<T>(
        byte[] contended, Func<Attempt, ValueTask<Decision<T>>> decide, CancellationToken cancellationToken)
    {
        Turn turn = default;
        long? since = null;
        try
        {
            if (_queues.IsHeld(contended))
            {
                since = clock.GetTimestamp();
                turn = await TakeTurnAsync(contended, null, since.Value, cancellationToken);
            }

            Attempt attempt = default;
            int lostInTurn = 0;
            while (true)
            {
                Decision<T> decision = await decide(attempt);
                if (!decision.IsStale && (decision.Batch is null || await store.CommitAsync(decision.Batch, cancellationToken)))
                {
                    return decision.Result;
                }

                attempt = new Attempt(attempt.Number + 1, LostRace: !decision.IsStale);
                since ??= clock.GetTimestamp();
                if (attempt.LostRace)
                {
                    KeyValueMetrics.Conflicts.Add(1);
                }

                if (Left(since.Value) == TimeSpan.Zero)
                {
                    throw new S3Exception(S3Error.SlowDown);
                }

                if (turn.Covers(decision.AlsoContended))
                {
                    await BackOffAsync(++lostInTurn, since.Value, cancellationToken);
                }
                else
                {
                    turn.Dispose();
                    turn = default;
                    turn = await TakeTurnAsync(contended, decision.AlsoContended, since.Value, cancellationToken);
                    lostInTurn = 0;
                }
            }
        }
        finally
        {
            turn.Dispose();
        }
    }

    /// <summary>Runs one attempt, without queueing or waiting: a conflict is a result.</summary>
    /// <param name="decide">Reads and decides.</param>
    /// <param name="cancellationToken">Cancels the operation until the commit is submitted.</param>
    /// <returns>The decision's result; false if another change came in between.</returns>
    public async ValueTask<bool> TryAsync(Func<ValueTask<Decision<bool>>> decide, CancellationToken cancellationToken)
    {
        Decision<bool> decision = await decide();
        if (decision.Batch is null || await store.CommitAsync(decision.Batch, cancellationToken))
        {
            return decision.Result;
        }

        KeyValueMetrics.Conflicts.Add(1);
        return false;
    }

    /// <summary>Waits for one row, or for two in the order of their bytes, so that no two transactions wait for each other.</summary>
    private async ValueTask<Turn> TakeTurnAsync(byte[] contended, byte[]? also, long since, CancellationToken cancellationToken)
    {
        int order = also is null ? 0 : ByteStringComparer.Instance.Compare(contended, also);
        KeyedMutex.Holder first = await EnterAsync(order <= 0 ? contended : also!, since, cancellationToken);
        if (order == 0)
        {
            return new Turn(also, first, null);
        }

        try
        {
            return new Turn(also, first, await EnterAsync(order < 0 ? also! : contended, since, cancellationToken));
        }
        catch
        {
            first.Dispose();
            throw;
        }
    }

    private async ValueTask<KeyedMutex.Holder> EnterAsync(byte[] row, long since, CancellationToken cancellationToken)
    {
        try
        {
            return await _queues.EnterAsync(row, Left(since), cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new S3Exception(S3Error.SlowDown);
        }
    }

    /// <summary>
    /// The holder of the turn can still conflict with attempts that were running when the queue formed, which then join it, or with another
    /// process, which does not share the queue: for that one it backs off.
    /// </summary>
    private async ValueTask BackOffAsync(int lostInTurn, long since, CancellationToken cancellationToken)
    {
        if (lostInTurn <= LossesWithoutBackoff)
        {
            return;
        }

        double max = Math.Min(FirstBackoff.Ticks * Math.Pow(2, lostInTurn - LossesWithoutBackoff), MaxBackoff.Ticks);
        var delay = TimeSpan.FromTicks((long)(max * random.NextUInt64() / ulong.MaxValue));
        TimeSpan left = Left(since);
        await Task.Delay(delay < left ? delay : left, clock, cancellationToken);
    }

    private TimeSpan Left(long since)
    {
        TimeSpan left = Bound - clock.GetElapsedTime(since);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    /// <summary>The rows that a transaction holds exclusively within this process.</summary>
    private readonly record struct Turn(byte[]? Also, KeyedMutex.Holder? First, KeyedMutex.Holder? Second) : IDisposable
    {
        public bool Covers(byte[]? also) =>
            First is not null && (also is null || ByteStringComparer.Instance.Equals(Also, also));

        public void Dispose()
        {
            Second?.Dispose();
            First?.Dispose();
        }
    }
}

/// <summary>Identifies an attempt of a transaction.</summary>
/// <param name="Number">0 for the first.</param>
/// <param name="LostRace">Whether the previous attempt failed at its commit.</param>
internal readonly record struct Attempt(int Number, bool LostRace);
