using Tarn.Core.KeyValue;

namespace Tarn.Tests.KeyValue;

public sealed class KeyedMutexTests
{
    private static readonly byte[] Key = [1, 2];
    private static readonly TimeSpan Never = Timeout.InfiniteTimeSpan;

    private readonly KeyedMutex _mutex = new(TimeProvider.System);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_key_goes_from_one_to_the_next_in_order_and_is_forgotten_with_the_last()
    {
        KeyedMutex.Holder held = await _mutex.EnterAsync(Key, Never, Token);
        Task<KeyedMutex.Holder>[] waiting = [.. Enumerable.Range(0, 5).Select(_ => _mutex.EnterAsync([.. Key], Never, Token).AsTask())];
        foreach (Task<KeyedMutex.Holder> next in waiting)
        {
            Assert.False(next.IsCompleted);
            held.Dispose();
            held = await next;
            Assert.True(_mutex.IsHeld(Key));
        }

        held.Dispose();
        Assert.False(_mutex.IsHeld(Key));
    }

    [Fact]
    public async Task Other_keys_are_free()
    {
        using KeyedMutex.Holder held = await _mutex.EnterAsync(Key, Never, Token);
        Assert.False(_mutex.IsHeld([1]));
        using KeyedMutex.Holder other = await _mutex.EnterAsync([1], Never, Token);
        Assert.True(_mutex.IsHeld([1]));
    }

    [Fact]
    public async Task Who_is_cancelled_leaves_the_queue_and_those_behind_move_up()
    {
        KeyedMutex.Holder held = await _mutex.EnterAsync(Key, Never, Token);
        using var leaves = new CancellationTokenSource();
        Task<KeyedMutex.Holder> left = _mutex.EnterAsync(Key, Never, leaves.Token).AsTask();
        Task<KeyedMutex.Holder> stays = _mutex.EnterAsync(Key, Never, Token).AsTask();
        Assert.Equal(2, _mutex.Waiting(Key));
        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        Assert.Equal(1, _mutex.Waiting(Key));
        held.Dispose();
        (await stays).Dispose();
        Assert.False(_mutex.IsHeld(Key));
    }

    [Fact]
    public async Task Who_has_no_time_is_refused_and_holds_nothing()
    {
        KeyedMutex.Holder held = await _mutex.EnterAsync(Key, Never, Token);
        await Assert.ThrowsAsync<TimeoutException>(async () => await _mutex.EnterAsync(Key, TimeSpan.Zero, Token));
        Assert.Equal(0, _mutex.Waiting(Key));
        held.Dispose();
        Assert.False(_mutex.IsHeld(Key));
    }

    [Fact]
    public async Task A_key_that_comes_as_its_waiter_is_cancelled_is_not_lost()
    {
        for (int round = 0; round < 500; round++)
        {
            KeyedMutex.Holder held = await _mutex.EnterAsync(Key, Never, Token);
            using var leaves = new CancellationTokenSource();
            Task<KeyedMutex.Holder> waiter = _mutex.EnterAsync(Key, Never, leaves.Token).AsTask();
            await Task.WhenAll(Task.Run(leaves.Cancel, Token), Task.Run(held.Dispose, Token));
            try
            {
                (await waiter).Dispose();
            }
            catch (OperationCanceledException)
            {
                // Either may come first; what counts is that the key is free in the end.
            }

            Assert.False(_mutex.IsHeld(Key));
        }
    }
}
