using Tarn.Core.Errors;

namespace Tarn.Core.KeyValue;

/// <summary>
/// Reads, decides, and commits with checks of what was read; when another change came in between, does it again. The first attempt
/// takes no lock. Whoever loses a race queues for the row that all of them want, and so does whoever comes while there is a queue:
/// within this process changes of one row then happen one after another, each in one attempt, and none fails however many there are.
/// docs/decisions/0013-optimistic-transactions.md
/// </summary>
/// <param name="store">Where the rows are.</param>
/// <param name="clock">Measures the bound and the backoff.</param>
/// <param name="random">Spreads the backoff.</param>
internal sealed class OptimisticTransaction(IKeyValueStore store, TimeProvider clock, IRandomSource random)
{
    /// <summary>
    /// How long attempts and waiting may take after the first lost race or, of those who join a queue, in all. Below the minute after
    /// which AWS's SDKs for Python take a connection for dead.
    /// </summary>
    public static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    // Attempts that were under way when the queue began may each win once more; beyond these it is another process that wins.
    private const int LossesWithoutBackoff = 8;

    private static readonly TimeSpan FirstBackoff = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromMilliseconds(250);

    private readonly KeyedMutex _queues = new(clock);

    /// <summary>How many attempts wait for a row.</summary>
    internal int Waiting(byte[] row) => _queues.Waiting(row);

    /// <summary>Runs one transaction.</summary>
    /// <param name="contended">
    /// The row that the attempts which can get into each other's way all want: by this they queue. It need not be one that is checked.
    /// </param>
    /// <param name="decide">
    /// Reads and decides; called once for each attempt, and refuses by throwing. It must not run a transaction that wants the same row,
    /// or one that whoever holds the other's may want.
    /// </param>
    /// <param name="cancellationToken">Ends the wait in the queue, and prevents a commit that was not submitted yet.</param>
    /// <returns>The result of the decision that was committed.</returns>
    /// <exception cref="S3Exception">SlowDown: <see cref="Bound"/> is over.</exception>
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

    /// <summary>Waits for one row, or for two of them in the order of their bytes: so no two transactions wait for each other.</summary>
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
    /// Whoever holds the turn loses to attempts that were under way when the queue began, which join it, or to another process, which knows
    /// nothing of the queue: that one is given way.
    /// </summary>
    private async ValueTask BackOffAsync(int lostInTurn, long since, CancellationToken cancellationToken)
    {
        if (lostInTurn <= LossesWithoutBackoff)
        {
            return;
        }

        double most = Math.Min(FirstBackoff.Ticks * Math.Pow(2, lostInTurn - LossesWithoutBackoff), LongestBackoff.Ticks);
        var delay = TimeSpan.FromTicks((long)(most * random.NextUInt64() / ulong.MaxValue));
        TimeSpan left = Left(since);
        await Task.Delay(delay < left ? delay : left, clock, cancellationToken);
    }

    private TimeSpan Left(long since)
    {
        TimeSpan left = Bound - clock.GetElapsedTime(since);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    /// <summary>The rows that a transaction has to itself in this process.</summary>
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

/// <summary>Which attempt of a transaction it is.</summary>
/// <param name="Number">0 for the first.</param>
/// <param name="LostRace">Whether the one before it failed at its commit.</param>
internal readonly record struct Attempt(int Number, bool LostRace);
