using Tarn.Core.Scrubbing;

namespace Tarn.Tests.Scrubbing;

/// <summary>A worker that runs as in a server, until it is disposed.</summary>
internal sealed class RunningScrub : IAsyncDisposable
{
    private readonly ScrubWorker _worker;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private TaskCompletionSource<ScrubPass> _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public RunningScrub(ScrubWorker worker)
    {
        _worker = worker;
        worker.Finished = pass => _finished.TrySetResult(pass);
        _running = worker.RunAsync(static e => Assert.Fail(e.ToString()), _stop.Token);
    }

    /// <summary>Does something that leads to a pass, and waits for its end.</summary>
    public async Task<ScrubPass> PassAsync(Func<Task> cause)
    {
        await IdleAsync();
        _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await cause();
        return await _finished.Task.WaitAsync(TestContext.Current.CancellationToken);
    }

    public Task<ScrubPass> PassAsync(Action cause) => PassAsync(() =>
    {
        cause();
        return Task.CompletedTask;
    });

    /// <summary>Waits until the worker waits.</summary>
    public async Task IdleAsync()
    {
        while (!_worker.IsWaiting)
        {
            Assert.False(_running.IsFaulted, _running.Exception?.ToString());
            await Task.Yield();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _running);
        _stop.Dispose();
    }
}
