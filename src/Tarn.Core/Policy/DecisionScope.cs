using System.Collections.Concurrent;

namespace Tarn.Core.Policy;

/// <summary>
/// What all decisions about one request share: a budget of steps for matching wildcards, and, where a request is decided about key by
/// key, the conditions that are the same for each key.
/// </summary>
/// <param name="manyKeys">Whether the request is decided about for many keys.</param>
/// <remarks>
/// Who has no budget left is decided about as if every denial with a wildcard applied to him and no permission did. May be used by
/// several threads at once, each of which can then spend what was left when it began.
/// </remarks>
public sealed class DecisionScope(bool manyKeys = false)
{
    /// <summary>
    /// Steps that one request may take, two nanoseconds or three each: ten thousand times what a policy as they are in use takes for a key.
    /// </summary>
    public const int Steps = 4_000_000;

    private readonly ConcurrentDictionary<object, bool>? _decided = manyKeys ? new(ReferenceEqualityComparer.Instance) : null;
    private int _left = Steps;

    internal int Left => Math.Max(Volatile.Read(ref _left), 0);

    internal void Spend(int steps)
    {
        if (steps > 0)
        {
            Interlocked.Add(ref _left, -steps);
        }
    }

    /// <summary>What a condition came to for another key; null when it is not known, or not the same for every key.</summary>
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
