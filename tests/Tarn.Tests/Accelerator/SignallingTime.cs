using Microsoft.Extensions.Time.Testing;

namespace Tarn.Tests.Accelerator;

/// <summary>A clock that stands still, and tells when somebody begins to wait: a test lets the time go on only then.</summary>
internal sealed class SignallingTime() : FakeTimeProvider(DateTimeOffset.UtcNow)
{
    private readonly Lock _gate = new();
    private readonly List<(TimeSpan Due, Func<bool> IsMeant, TaskCompletionSource Begun)> _expected = [];

    /// <summary>Completes when a timer of this length is set from now on, while a condition holds.</summary>
    public Task WaitBegins(TimeSpan due, Func<bool>? isMeant = null)
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _expected.Add((due, isMeant ?? (static () => true), begun));
        }

        return begun.Task;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, base.CreateTimer(callback, state, dueTime, period));
        Note(dueTime);
        return timer;
    }

    private void Note(TimeSpan due)
    {
        lock (_gate)
        {
            foreach ((TimeSpan Due, Func<bool> IsMeant, TaskCompletionSource Begun) expected in _expected.Where(each => each.Due == due && each.IsMeant()).ToArray())
            {
                _expected.Remove(expected);
                expected.Begun.SetResult();
            }
        }
    }

    private sealed class Timer(SignallingTime time, ITimer inner) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            bool isChanged = inner.Change(dueTime, period);
            time.Note(dueTime);
            return isChanged;
        }

        public void Dispose() => inner.Dispose();

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
