namespace Tarn.TestKit.Histories;

/// <summary>
/// Decides whether a history of one register is linearizable: whether each operation can be given one moment between its beginning and its end so that each read gives what the last write
/// before it wrote. The search is that of Wing and Gong ("Testing and verifying concurrent objects", 1993), with Lowe's memory of states that were reached before ("Testing for linearizability",
/// 2017).
/// </summary>
public static class Linearizability
{
    /// <summary>How many states are examined. A history of clients that wait for their answers needs a few for each operation.</summary>
    private const int MaxStates = 5_000_000;

    /// <summary>Looks for an order.</summary>
    /// <param name="history">The operations, in any order. Each write but that of null has a value of its own.</param>
    /// <param name="initial">The value before the first.</param>
    /// <returns>Null if there is one; else what stands against it.</returns>
    /// <exception cref="InvalidOperationException">There are too many states to decide it.</exception>
    public static string? Refute(IReadOnlyList<RegisterOperation> history, string? initial = null)
    {
        RegisterOperation[] operations = Bounded(history);
        HashSet<string?> known = [initial, null, .. operations.Where(static operation => operation.IsWrite).Select(static operation => operation.Value)];
        return operations.FirstOrDefault(operation => !known.Contains(operation.Value)) is { } unknown
            ? $"nobody wrote what was read: {unknown}"
            : new Search(operations, initial).Run();
    }

    /// <summary>
    /// Leaves out writes without an answer whose value nobody has read, which may never have taken effect; those whose value was read took effect before the first of those reads ended. Without
    /// this, each of them could be anywhere in all that follows.
    /// </summary>
    private static RegisterOperation[] Bounded(IReadOnlyList<RegisterOperation> history)
    {
        Dictionary<string, long> read = history.Where(static operation => operation is { IsWrite: false, Value: not null })
            .GroupBy(static operation => operation.Value!)
            .ToDictionary(static reads => reads.Key, static reads => reads.Min(static operation => operation.Ended));
        return
        [
            .. history.Where(operation => operation is not { IsWrite: true, Ended: RegisterOperation.Never, Value: { } value } || read.ContainsKey(value))
                .Select(operation => operation is { IsWrite: true, Ended: RegisterOperation.Never, Value: { } value } ? operation with { Ended = read[value] } : operation)
                .OrderBy(static operation => operation.Began),
        ];
    }

    /// <summary>Takes operations one after the other, each that had begun before the first end of those that are left, and goes back where a read does not fit.</summary>
    private sealed class Search(RegisterOperation[] operations, string? initial)
    {
        private readonly HashSet<State> _reached = [];
        private readonly Stack<(Event Begin, string? Before)> _order = new();
        private readonly ulong[] _taken = new ulong[(operations.Length + 63) / 64];

        public string? Run()
        {
            Event head = Event.ListOf(operations), at = head.Next!;
            string? value = initial, blocked = null;
            int furthest = -1;
            while (head.Next is not null)
            {
                if (at.End is not null)
                {
                    if (TryTake(at.Operation, value))
                    {
                        _order.Push((at, value));
                        value = operations[at.Operation].Value;
                        at.Remove();
                        at = head.Next!;
                    }
                    else
                    {
                        at = at.Next!;
                    }

                    continue;
                }

                // This one ends here, and could not be taken.
                if (_order.Count > furthest)
                {
                    furthest = _order.Count;
                    blocked = $"{operations[at.Operation]}, when it has {value ?? "(none)"}, after: {string.Join("; ", _order.Take(6).Select(taken => operations[taken.Begin.Operation]))}";
                }

                if (!_order.TryPop(out (Event Begin, string? Before) last))
                {
                    return blocked;
                }

                Flip(last.Begin.Operation);
                value = last.Before;
                last.Begin.Restore();
                at = last.Begin.Next!;
            }

            return null;
        }

        private bool TryTake(int operation, string? value)
        {
            if (!operations[operation].IsWrite && operations[operation].Value != value)
            {
                return false;
            }

            Flip(operation);
            if (!_reached.Add(new State([.. _taken], operations[operation].Value)))
            {
                Flip(operation);
                return false;
            }

            return _reached.Count <= MaxStates ? true : throw new InvalidOperationException($"Not decided after {MaxStates} states: {_order.Count} of {operations.Length} operations are ordered.");
        }

        private void Flip(int operation) => _taken[operation / 64] ^= 1UL << (operation % 64);
    }

    /// <summary>A beginning or an end, in a list of those that are left.</summary>
    private sealed class Event(int operation)
    {
        private Event? _previous;

        public int Operation => operation;

        public Event? Next { get; private set; }

        /// <summary>The end that belongs to it, if it is a beginning.</summary>
        public Event? End { get; private init; }

        /// <summary>The list in the order of time, behind an event that is none.</summary>
        public static Event ListOf(RegisterOperation[] operations)
        {
            var events = new List<(long At, Event Event)>();
            for (int i = 0; i < operations.Length; i++)
            {
                var end = new Event(i);
                events.Add((operations[i].Began, new Event(i) { End = end }));
                events.Add((operations[i].Ended, end));
            }

            Event head = new(-1), last = head;
            foreach ((_, Event next) in events.OrderBy(static each => each.At))
            {
                (last.Next, next._previous, last) = (next, last, next);
            }

            return head;
        }

        /// <summary>Takes a beginning and its end out.</summary>
        public void Remove()
        {
            Unlink(this);
            Unlink(End!);
        }

        /// <summary>Puts them back, in the opposite order of their removals.</summary>
        public void Restore()
        {
            Link(End!);
            Link(this);
        }

        private static void Unlink(Event gone)
        {
            gone._previous!.Next = gone.Next;
            if (gone.Next is { } next)
            {
                next._previous = gone._previous;
            }
        }

        private static void Link(Event back)
        {
            back._previous!.Next = back;
            if (back.Next is { } next)
            {
                next._previous = back;
            }
        }
    }

    /// <summary>Which operations were taken, and the value after them.</summary>
    private readonly struct State(ulong[] taken, string? value) : IEquatable<State>
    {
        private readonly ulong[] _taken = taken;
        private readonly string? _value = value;

        public bool Equals(State other) => _value == other._value && _taken.AsSpan().SequenceEqual(other._taken);

        public override bool Equals(object? obj) => obj is State other && Equals(other);

        public override int GetHashCode()
        {
            var hash = default(HashCode);
            hash.AddBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes<ulong>(_taken));
            hash.Add(_value);
            return hash.ToHashCode();
        }
    }
}
