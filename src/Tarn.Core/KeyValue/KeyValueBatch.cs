namespace Tarn.Core.KeyValue;

/// <summary>
/// The unit of change of an <see cref="IKeyValueStore"/>: checks of the state before it, then puts and deletes.
/// If several changes name the same key, the last one wins. Not thread-safe, and not reusable after the commit.
/// </summary>
public class KeyValueBatch
{
    private readonly List<KeyValueCheck> _checks = [];
    private readonly List<KeyValueChange> _changes = [];

    /// <summary>What must hold before the batch is applied.</summary>
    public IReadOnlyList<KeyValueCheck> Checks => _checks;

    /// <summary>The puts and deletes, in the order they were added.</summary>
    public IReadOnlyList<KeyValueChange> Changes => _changes;

    /// <summary>Whether the batch may use the room that an engine reserves for removals when its device is nearly full.</summary>
    public bool IsRemoval { get; private set; }

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
        _changes.Add(new KeyValueChange(key, value));
        return this;
    }

    /// <summary>Removes the key, whether or not it exists.</summary>
    public KeyValueBatch Delete(byte[] key)
    {
        _changes.Add(new KeyValueChange(key, null));
        return this;
    }
}

/// <summary>A condition on one key: exact bytes, or absence if null.</summary>
public readonly record struct KeyValueCheck(byte[] Key, byte[]? Expected);

/// <summary>A put, or a delete if the value is null.</summary>
public readonly record struct KeyValueChange(byte[] Key, byte[]? Value);
