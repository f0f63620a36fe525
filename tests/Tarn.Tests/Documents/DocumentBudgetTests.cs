using Microsoft.Extensions.Time.Testing;
using Tarn.Core.Errors;
using Tarn.S3.Documents;

namespace Tarn.Tests.Documents;

public sealed class DocumentBudgetTests
{
    private const int Capacity = 4 * 1024 * 1024;
    private const int Large = 1024 * 1024;

    private readonly FakeTimeProvider _clock = new();

    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task Who_finds_none_left_waits_for_it()
    {
        var budget = new DocumentBudget(_clock, Capacity);
        using DocumentBudget.Share first = budget.Open(), second = budget.Open();
        await first.TakeAsync(3 * Large, None);
        Task waiting = second.TakeAsync(Large, None).AsTask();
        Assert.False(waiting.IsCompleted);
        first.Dispose();
        await waiting;
        Assert.Equal(Large, budget.Used);
        second.Dispose();
        second.Dispose();
        Assert.Equal(0, budget.Used);
    }

    [Fact]
    public async Task Who_waits_too_long_is_told_to_slow_down()
    {
        var budget = new DocumentBudget(_clock, Capacity);
        using DocumentBudget.Share first = budget.Open(), second = budget.Open(), third = budget.Open();
        await first.TakeAsync(3 * Large, None);
        Task waiting = second.TakeAsync(Large, None).AsTask();
        _clock.Advance(TimeSpan.FromSeconds(5));
        S3Exception refusal = await Assert.ThrowsAsync<S3Exception>(() => waiting);
        Assert.Equal(S3Error.SlowDown, refusal.Error);
        Assert.Contains(refusal.Headers, header => header.Key == "Retry-After");
        first.Dispose();
        await third.TakeAsync(3 * Large, None);
        Assert.Equal(3 * Large, budget.Used);
    }

    [Fact]
    public async Task Who_leaves_leaves_its_place()
    {
        var budget = new DocumentBudget(_clock, Capacity);
        using DocumentBudget.Share first = budget.Open(), second = budget.Open(), third = budget.Open();
        await first.TakeAsync(2 * Large, None);
        using var gone = new CancellationTokenSource();
        Task leaving = second.TakeAsync(2 * Large, gone.Token).AsTask();
        Task waiting = third.TakeAsync(Large, None).AsTask();
        Assert.False(waiting.IsCompleted);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving);
        await waiting;
        Assert.Equal(3 * Large, budget.Used);
    }

    [Fact]
    public async Task Large_documents_leave_room_for_small_ones()
    {
        var budget = new DocumentBudget(_clock, Capacity);
        using DocumentBudget.Share first = budget.Open(), second = budget.Open(), small = budget.Open();
        await first.TakeAsync(3 * Large, None);
        Task waiting = second.TakeAsync(Large, None).AsTask();
        await small.TakeAsync(4096, None);
        Assert.False(waiting.IsCompleted);
        first.Dispose();
        await waiting;
    }

    [Fact]
    public async Task Nothing_is_lost_among_many()
    {
        var budget = new DocumentBudget(_clock, Capacity);
        await Parallel.ForAsync(0, 2000, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, cancellationToken) =>
        {
            using DocumentBudget.Share share = budget.Open();
            await share.TakeAsync(4096, cancellationToken);
            await share.TakeAsync(i % 3 == 0 ? Large : 4096, cancellationToken);
            Assert.InRange(budget.Used, 4096, Capacity);
            await Task.Yield();
        });
        Assert.Equal(0, budget.Used);
    }
}
