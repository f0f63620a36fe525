using System.Collections.Concurrent;

namespace Tarn.Core.Policy;

/// <summary>
/// What all decisions about one request share: a budget of steps for matching wildcards and, where a request needs a decision for each of many
/// keys, the outcomes of conditions that are the same for every key.
/// </summary>
/// <param name="manyKeys">Whether the request needs decisions about many keys.</param>
/// <remarks>
/// Once the budget is spent, every Deny with a wildcard applies and no Allow with one does. Thread-safe; concurrent decisions can each spend what
/// was left when they began.
/// </remarks>
public sealed class DecisionScope(bool manyKeys = false)
{
    /// <summary>
    /// Steps that one request may take, two or three nanoseconds each: ten thousand times what a typical policy takes for one key.
    /// </summary>
    public const int Steps = 4_000_000;

    private readonly ConcurrentDictionary<object, bool>? _decided = manyKeys ? new(ReferenceEqualityComparer.Instance) : null;
    private int _left = Steps;

    /// <summary>Steps that were taken.</summary>
    public int Spent => Steps - Left;

    internal int Left => Math.Max(Volatile.Read(ref _left), 0);

    internal void Spend(int steps)
    {
        if (steps > 0)
        {
            Interlocked.Add(ref _left, -steps);
        }
    }

    /// <summary>The outcome of a condition for an earlier key; null when it is unknown or depends on the key.</summary>
    internal bool? Recall(object condition) => _decided is not null && _decided.TryGetValue(condition, out bool held) ? held : null;

    /// <summary>Keeps the outcome of a condition that is the same for every key.</summary>
    /// <param name="condition">The condition, known by its reference.</param>
    /// <param name="held">Whether it held.</param>
    internal void Remember(object condition, bool held)
    {
        if (_decided is not null)
        {
            _decided[condition] = held;
        }
    }
}
