namespace Tarn.Core.KeyValue;

/// <summary>
/// The unit of change of an <see cref="IKeyValueStore"/>: checks on the state before it, then puts and deletes.
/// When several changes name one key, the last one wins. Not thread-safe; not reused after it was committed.
/// </summary>
public class KeyValueBatch
{
    private readonly List<KeyValueCheck> _checks = [];
    private readonly List<KeyValueChange> _changes = [];

    /// <summary>What must hold before the batch is applied.</summary>
    public IReadOnlyList<KeyValueCheck> Checks => _checks;

    /// <summary>The puts and deletes, in the order they were added.</summary>
    public IReadOnlyList<KeyValueChange> Changes => _changes;

    /// <summary>Whether the batch may use the room that an engine keeps for removals when its device is nearly full.</summary>
    public bool IsRemoval { get; private set; }

    /// <summary>
    /// Says that the batch serves to remove something, or to take a right away, whatever rows it also puts. An overwrite is none: it
    /// could go on until nothing is left for those that make room.
    /// </summary>
    public KeyValueBatch AsRemoval()
    {
        IsRemoval = true;
        return this;
    }

    /// <summary>Requires that the key has exactly these bytes, or, when <paramref name="expected"/> is null, that it is absent.</summary>
    public KeyValueBatch Check(byte[] key, byte[]? expected)
    {
        _checks.Add(new KeyValueCheck(key, expected));
        return this;
    }

    /// <summary>Sets the key.</summary>
    public KeyValueBatch Put(byte[] key, byte[] value)
    {
        ArgumentNullException.ThrowIfNull(value);
        _changes.Add(new KeyValueChange(key, value));
        return this;
    }

    /// <summary>Removes the key, whether or not it is there.</summary>
    public KeyValueBatch Delete(byte[] key)
    {
        _changes.Add(new KeyValueChange(key, null));
        return this;
    }
}

/// <summary>A condition on one key: exact bytes, or (null) absence.</summary>
public readonly record struct KeyValueCheck(byte[] Key, byte[]? Expected);

/// <summary>A put, or (null value) a delete.</summary>
public readonly record struct KeyValueChange(byte[] Key, byte[]? Value);
