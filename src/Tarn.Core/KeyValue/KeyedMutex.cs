using Tarn.Core.Telemetry;

namespace Tarn.Core.KeyValue;

/// <summary>
/// Mutual exclusion by key within this process, first come, first served. A key takes memory only while it is held,
/// so there are never more entries than callers.
/// </summary>
internal sealed class KeyedMutex(TimeProvider clock)
{
    private readonly Lock _lock = new();

    // The queue of each held key.
    private readonly Dictionary<byte[], LinkedList<TaskCompletionSource>> _held = new(ByteStringComparer.Instance);
    private int _heldCount;

    /// <summary>Whether the key is held. Costs one field read while no key is held.</summary>
    public bool IsHeld(byte[] key)
    {
        if (Volatile.Read(ref _heldCount) == 0)
        {
            return false;
        }

        lock (_lock)
        {
            return _held.ContainsKey(key);
        }
    }

    /// <summary>The number of callers that wait for the key.</summary>
    public int Waiting(byte[] key)
    {
        lock (_lock)
        {
            return _held.TryGetValue(key, out LinkedList<TaskCompletionSource>? waiting) ? waiting.Count : 0;
        }
    }

    /// <summary>Waits for the key, behind all earlier callers. A caller that is cancelled or times out leaves the queue.</summary>
    /// <returns>The holder of the key; disposing it passes the key to the next caller.</returns>
    /// <exception cref="TimeoutException">The key did not become free within <paramref name="timeout"/>.</exception>
    public async ValueTask<Holder> EnterAsync(byte[] key, TimeSpan timeout, CancellationToken cancellationToken)
    {
        LinkedListNode<TaskCompletionSource> node;
        lock (_lock)
        {
            if (!_held.TryGetValue(key, out LinkedList<TaskCompletionSource>? waiting))
            {
                _held[key] = new LinkedList<TaskCompletionSource>();
                Volatile.Write(ref _heldCount, _held.Count);
                return new Holder(this, key);
            }

            // Continuations run asynchronously, so that the caller that leaves does not run the next one's work.
            node = waiting.AddLast(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        try
        {
            using StageTimer timer = RequestTimes.Measure(RequestStage.Wait, "wait for key");
            await node.Value.Task.WaitAsync(timeout, clock, cancellationToken);
        }
        catch
        {
            Withdraw(key, node);
            throw;
        }

        return new Holder(this, key);
    }

    private void Withdraw(byte[] key, LinkedListNode<TaskCompletionSource> node)
    {
        lock (_lock)
        {
            if (node.List is { } waiting)
            {
                waiting.Remove(node);
                return;
            }
        }

        // The key was passed to this caller at the same moment: pass it on.
        Leave(key);
    }

    private void Leave(byte[] key)
    {
        lock (_lock)
        {
            LinkedList<TaskCompletionSource> waiting = _held[key];
            if (waiting.First is { } next)
            {
                waiting.RemoveFirst();
                next.Value.SetResult();
                return;
            }

            _held.Remove(key);
            Volatile.Write(ref _heldCount, _held.Count);
        }
    }

    /// <summary>Holds a key until disposed; to be disposed once.</summary>
    public readonly struct Holder(KeyedMutex mutex, byte[] key) : IDisposable
    {
        public void Dispose() => mutex.Leave(key);
    }
}
