namespace Tarn.Core.KeyValue;

/// <summary>
/// Mutual exclusion within this process, one holder for each key, first come first served. A key takes memory only while it is held,
/// so there are never more entries than callers.
/// </summary>
internal sealed class KeyedMutex(TimeProvider clock)
{
    private readonly Lock _lock = new();

    // Of each held key, those who wait for it.
    private readonly Dictionary<byte[], LinkedList<TaskCompletionSource>> _held = new(ByteStringComparer.Instance);
    private int _heldCount;

    /// <summary>Whether somebody holds the key now. Costs one read of a field while nothing at all is held.</summary>
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

    /// <summary>How many callers wait for the key.</summary>
    public int Waiting(byte[] key)
    {
        lock (_lock)
        {
            return _held.TryGetValue(key, out LinkedList<TaskCompletionSource>? waiting) ? waiting.Count : 0;
        }
    }

    /// <summary>Waits for the key, behind everybody who came before. A caller that is cancelled or times out leaves the queue.</summary>
    /// <returns>What gives the key to the next in the queue when it is disposed.</returns>
    /// <exception cref="TimeoutException">The key was not to be had within <paramref name="timeout"/>.</exception>
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

            // The one who leaves does not run what the next one does.
            node = waiting.AddLast(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        try
        {
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

        // The key came at the same moment: it goes on to the next.
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

    /// <summary>A key that is held until this is disposed, once.</summary>
    public readonly struct Holder(KeyedMutex mutex, byte[] key) : IDisposable
    {
        public void Dispose() => mutex.Leave(key);
    }
}
