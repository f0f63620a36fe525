using System.Buffers.Binary;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Time.Testing;
using Tarn.Core.Errors;
using Tarn.Core.KeyValue;
using Tarn.TestKit.Stores;

namespace Tarn.Tests.KeyValue;

public sealed class OptimisticTransactionTests : IAsyncDisposable
{
    private static readonly byte[] Row = [1];
    private static readonly byte[] Other = [2];

    private readonly HookedKeyValueStore _store = new(new MemoryKeyValueStore());
    private readonly OptimisticTransaction _transactions;

    public OptimisticTransactionTests() =>
        _transactions = new OptimisticTransaction(_store, new LeapingClock(), new SeededRandomSource(1));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task Without_others_there_is_one_attempt()
    {
        Assert.Equal(1, await AddAsync());
        Assert.Equal(1, _store.Commits);
    }

    [Fact]
    public async Task All_of_many_who_change_one_row_succeed_with_at_most_two_attempts_each()
    {
        const int Writers = 256;
        await InterleavedAsync(() => Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => AddAsync())));
        Assert.Equal(Writers, await ReadAsync(Row));
        Assert.InRange(_store.Commits, Writers, 2 * Writers);
        Assert.Equal(0, _transactions.Waiting(Row));
    }

    [Fact]
    public async Task Who_comes_while_there_is_a_queue_joins_it_before_its_first_attempt()
    {
        var goes = new TaskCompletionSource();
        Task<long> holder = await HoldAsync(goes.Task);
        bool attempted = false;
        Task<long> late = AddAsync(_ =>
        {
            attempted = true;
            return Task.CompletedTask;
        });
        Assert.Equal(1, _transactions.Waiting(Row));
        Assert.False(attempted);
        goes.SetResult();
        Assert.Equal(11, await holder);
        Assert.Equal(12, await late);
        Assert.Equal(4, _store.Commits);
    }

    [Fact]
    public async Task Who_tries_once_does_not_wait_in_the_queue()
    {
        var goes = new TaskCompletionSource();
        Task<long> holder = await HoldAsync(goes.Task);
        Assert.True(await TryAsync(10, 20));
        Assert.False(await TryAsync(10, 30));
        Assert.Equal(20, await ReadAsync(Row));
        goes.SetResult();
        Assert.Equal(21, await holder);

        ValueTask<bool> TryAsync(long old, long value) => _transactions.TryAsync(
            () => ValueTask.FromResult(Decision.Commit(new KeyValueBatch().Check(Row, Bytes(old)).Put(Row, Bytes(value)), true)), Token);
    }

    [Fact]
    public async Task Who_is_cancelled_in_the_queue_leaves_it()
    {
        var goes = new TaskCompletionSource();
        Task<long> holder = await HoldAsync(goes.Task);
        using var leaves = new CancellationTokenSource();
        Task<long> late = AddAsync(static _ => throw new InvalidOperationException("It had its turn."), leaves.Token);
        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => late);
        Assert.Equal(0, _transactions.Waiting(Row));
        goes.SetResult();
        Assert.Equal(11, await holder);
    }

    [Fact]
    public async Task Who_loses_until_the_bound_is_told_to_slow_down_and_has_not_spun()
    {
        // Another process, which no queue of this one keeps out, is always faster.
        long rival = 0;
        S3Exception refusal = await Assert.ThrowsAsync<S3Exception>(() => AddAsync(_ => WriteAsync(Row, rival += 1000)));
        Assert.Equal(S3Error.SlowDown, refusal.Error);

        // On average a wait of half the longest backoff, 125 ms, within 30 s.
        Assert.InRange(_store.Commits - (rival / 1000), 150, 400);
        Assert.Equal(1, await _transactions.RunAsync<int>(Row, static _ => new(Decision.Done(1)), Token));
    }

    [Fact]
    public async Task The_time_in_the_queue_counts()
    {
        var holds = new TaskCompletionSource();
        var goes = new TaskCompletionSource();
        var clock = new FakeTimeProvider();
        var transactions = new OptimisticTransaction(_store, clock, new SeededRandomSource(1));
        Task<int> holder = transactions.RunAsync(
            Row,
            async attempt =>
            {
                if (attempt.Number == 0)
                {
                    return Decision.Stale<int>();
                }

                holds.SetResult();
                await goes.Task;
                return Decision.Done(1);
            },
            Token).AsTask();
        await holds.Task;
        Task<int> late = transactions.RunAsync<int>(Row, static _ => new(Decision.Done(2)), Token).AsTask();
        Assert.Equal(1, transactions.Waiting(Row));
        Assert.False(late.IsCompleted);
        clock.Advance(OptimisticTransaction.Bound);
        Assert.Equal(S3Error.SlowDown, (await Assert.ThrowsAsync<S3Exception>(() => late)).Error);
        goes.SetResult();
        Assert.Equal(1, await holder);
    }

    [Fact]
    public async Task Those_who_want_the_same_two_rows_the_other_way_round_do_not_wait_for_each_other()
    {
        const int Writers = 64;
        await InterleavedAsync(() => Task.WhenAll(Enumerable.Range(0, Writers).Select(i => i % 2 == 0 ? MoveAsync(Row, Other) : MoveAsync(Other, Row))));
        Assert.Equal(Writers, await ReadAsync(Row));
        Assert.Equal(Writers, await ReadAsync(Other));
        Assert.InRange(_store.Commits, Writers, 4 * Writers);
    }

    [Fact]
    public async Task Lost_races_are_counted()
    {
        long counted = 0;
        var mine = new AsyncLocal<bool> { Value = true };
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Name == "tarn.metadata.conflicts")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => counted += mine.Value ? value : 0);
        listener.Start();
        await AddAsync(attempt => attempt.Number < 3 ? WriteAsync(Row, 10 * (attempt.Number + 1)) : Task.CompletedTask);
        Assert.Equal(3, counted);
    }

    /// <summary>Adds one to a row, and lets <paramref name="meanwhile"/> happen between the read and the commit.</summary>
    private Task<long> AddAsync(Func<Attempt, Task>? meanwhile = null, CancellationToken? token = null) => _transactions.RunAsync(
        Row,
        async attempt =>
        {
            byte[]? old = await _store.GetAsync(Row, Token);
            if (meanwhile is not null)
            {
                await meanwhile(attempt);
            }

            long sum = Number(old) + 1;
            return Decision.Commit(new KeyValueBatch().Check(Row, old).Put(Row, Bytes(sum)), sum);
        },
        token ?? Token).AsTask();

    /// <summary>Starts to add one to the row, loses once to a write of 10, and keeps its turn until told; returns once it has that.</summary>
    private async Task<Task<long>> HoldAsync(Task goes)
    {
        var holds = new TaskCompletionSource();
        Task<long> holder = AddAsync(async attempt =>
        {
            if (attempt.Number == 0)
            {
                await WriteAsync(Row, 10);
            }
            else if (attempt.Number == 1)
            {
                holds.SetResult();
                await goes;
            }
        });
        await holds.Task;
        return holder;
    }

    private Task<bool> MoveAsync(byte[] row, byte[] also) => _transactions.RunAsync(
        row,
        async _ =>
        {
            byte[]? first = await _store.GetAsync(row, Token);
            byte[]? second = await _store.GetAsync(also, Token);
            KeyValueBatch batch = new KeyValueBatch()
                .Check(row, first).Put(row, Bytes(Number(first) + 1))
                .Check(also, second).Put(also, Bytes(Number(second) + 1));
            return Decision.Commit(batch, true) with { AlsoContended = also };
        },
        Token).AsTask();

    private async Task WriteAsync(byte[] row, long value) => await _store.CommitAsync(new KeyValueBatch().Put(row, Bytes(value)), Token);

    private async Task<long> ReadAsync(byte[] row) => Number(await _store.GetAsync(row, Token));

    /// <summary>Runs on one thread that takes turns at every call of the store: the same interleaving each time.</summary>
    private static Task InterleavedAsync(Func<Task> act) => Task.Factory.StartNew(
        act, Token, TaskCreationOptions.None, new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler).Unwrap();

    private static long Number(byte[]? bytes) => bytes is null ? 0 : BinaryPrimitives.ReadInt64BigEndian(bytes);

    private static byte[] Bytes(long number)
    {
        byte[] bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        return bytes;
    }

    /// <summary>A clock on which nobody waits: it leaps to the end of every backoff. A wait in the queue has no end of its own there.</summary>
    private sealed class LeapingClock : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime > TimeSpan.FromSeconds(1))
            {
                return TimeProvider.System.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }

            _now += dueTime.Ticks;
            return TimeProvider.System.CreateTimer(callback, state, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }
}
