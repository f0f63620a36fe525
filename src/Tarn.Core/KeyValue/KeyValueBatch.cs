namespace Tarn.Core.KeyValue;

/// <summary>
/// The unit of change of an <see cref="IKeyValueStore"/>: checks of the state before it, then puts and deletes, then additions.
/// If several puts or deletes name the same key, the last one wins. Not thread-safe, and not reusable after the commit.
/// </summary>
public class KeyValueBatch
{
    private readonly List<KeyValueCheck> _checks = [];
    private readonly List<KeyValueChange> _changes = [];
    private List<KeyValueAddition>? _additions;

    /// <summary>What must hold before the batch is applied.</summary>
    public IReadOnlyList<KeyValueCheck> Checks => _checks;

    /// <summary>The puts and deletes, in the order they were added.</summary>
    public IReadOnlyList<KeyValueChange> Changes => _changes;

    /// <summary>What is added to counters, each named once.</summary>
    public IReadOnlyList<KeyValueAddition> Additions => _additions ?? (IReadOnlyList<KeyValueAddition>)[];

    /// <summary>Whether the batch changes anything.</summary>
    public bool HasChanges => _changes.Count > 0 || _additions is not null;

    /// <summary>Whether the batch may use the room that an engine reserves for removals when its device is nearly full.</summary>
    public bool IsRemoval { get; private set; }

    /// <summary>The bytes of the keys, values and numbers of its changes together.</summary>
    public long CountBytes()
    {
        long bytes = 0;
        foreach (KeyValueChange change in _changes)
        {
            bytes += change.Key.Length + (change.Value?.Length ?? 0);
        }

        if (_additions is not null)
        {
            foreach (KeyValueAddition addition in _additions)
            {
                bytes += addition.Key.Length + (addition.Deltas.Length * sizeof(long));
            }
        }

        return bytes;
    }

    /// <summary>
    /// Marks the batch as one that removes something or revokes a right, whatever rows it also puts. An overwrite is not a removal:
    /// overwrites could use up the room that removals need.
    /// </summary>
    public KeyValueBatch AsRemoval()
    {
        IsRemoval = true;
        return this;
    }

    /// <summary>Requires the key to have exactly these bytes or, when <paramref name="expected"/> is null, to be absent.</summary>
    public KeyValueBatch Check(byte[] key, byte[]? expected)
    {
        _checks.Add(new KeyValueCheck(key, expected));
        return this;
    }

    /// <summary>Sets the key.</summary>
    public KeyValueBatch Put(byte[] key, byte[] value)
    {
        ArgumentNullException.ThrowIfNull(value);
        ThrowIf(_additions is not null && IndexOf(key) >= 0);
        _changes.Add(new KeyValueChange(key, value));
        return this;
    }

    /// <summary>Removes the key, whether or not it exists.</summary>
    public KeyValueBatch Delete(byte[] key)
    {
        ThrowIf(_additions is not null && IndexOf(key) >= 0);
        _changes.Add(new KeyValueChange(key, null));
        return this;
    }

    /// <summary>
    /// Adds to the numbers of a counter (<see cref="KeyValueCounter"/>), whatever they are: unlike a put behind a check, additions of concurrent batches never
    /// conflict, and their order does not matter. A batch that adds to a counter does not put or delete it as well.
    /// </summary>
    /// <param name="key">The counter's key.</param>
    /// <param name="deltas">What is added to each number, from the first; none is added to those that follow.</param>
    public KeyValueBatch Add(byte[] key, params ReadOnlySpan<long> deltas)
    {
        _additions ??= [];
        int at = IndexOf(key);
        if (at < 0)
        {
            foreach (KeyValueChange change in _changes)
            {
                ThrowIf(change.Key.AsSpan().SequenceEqual(key));
            }

            _additions.Add(new KeyValueAddition(key, deltas.ToArray()));
            return this;
        }

        long[] sums = _additions[at].Deltas;
        if (sums.Length < deltas.Length)
        {
            Array.Resize(ref sums, deltas.Length);
            _additions[at] = new KeyValueAddition(key, sums);
        }

        for (int i = 0; i < deltas.Length; i++)
        {
            sums[i] = unchecked(sums[i] + deltas[i]);
        }

        return this;
    }

    private int IndexOf(byte[] counter)
    {
        for (int i = 0; i < _additions!.Count; i++)
        {
            if (_additions[i].Key.AsSpan().SequenceEqual(counter))
            {
                return i;
            }
        }

        return -1;
    }

    private static void ThrowIf(bool isBoth)
    {
        if (isBoth)
        {
            throw new InvalidOperationException("A batch adds to a counter and puts or deletes it.");
        }
    }
}

/// <summary>A condition on one key: exact bytes, or absence if null.</summary>
public readonly record struct KeyValueCheck(byte[] Key, byte[]? Expected);

/// <summary>A put, or a delete if the value is null.</summary>
public readonly record struct KeyValueChange(byte[] Key, byte[]? Value);

/// <summary>What is added to the numbers of a counter.</summary>
public readonly record struct KeyValueAddition(byte[] Key, long[] Deltas);
