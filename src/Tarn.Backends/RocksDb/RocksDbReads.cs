using Tarn.Backends.RocksDb.Interop;
using Tarn.Core.KeyValue;

namespace Tarn.Backends.RocksDb;

/// <summary>Reads of the database, or of a snapshot of it, on the caller's thread.</summary>
/// <param name="database">The open database.</param>
/// <param name="damaged">Called with each read that met damage, before it throws.</param>
internal sealed unsafe class RocksDbReads(DatabaseHandle database, Action<StoreDamagedException>? damaged)
{
    public byte[]?[] Get(ReadOptionsHandle options, IReadOnlyList<byte[]> keys)
    {
        byte[]?[] values = new byte[]?[keys.Count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = Get(options, keys[i]);
        }

        return values;
    }

    public byte[]? Get(ReadOptionsHandle options, byte[] key)
    {
        nint slice;
        fixed (byte* bytes = key)
        {
            slice = RocksDbNative.GetPinned(database, options, bytes, (nuint)key.Length, out nint error);
            ThrowIfSet(error, key, null);
        }

        if (slice == 0)
        {
            return null;
        }

        try
        {
            byte* value = RocksDbNative.PinnedValue(slice, out nuint length);
            return new ReadOnlySpan<byte>(value, checked((int)length)).ToArray();
        }
        finally
        {
            RocksDbNative.DestroyPinned(slice);
        }
    }

    /// <summary>Reads the entries of a range.</summary>
    /// <param name="snapshot">The snapshot to read; 0 for the present state.</param>
    /// <param name="from">The first key.</param>
    /// <param name="to">The exclusive end.</param>
    /// <param name="limit">The maximum number of entries to read.</param>
    /// <param name="reverse">Whether to read from the end.</param>
    /// <param name="keepsCache">Whether what is read displaces nothing from the cache, as it must not when everything is read.</param>
    public List<KeyValueEntry> Scan(nint snapshot, byte[] from, byte[] to, int limit, bool reverse, bool keepsCache = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        List<KeyValueEntry> found = new(Math.Min(limit, 1024));
        if (limit == 0 || ByteStringComparer.Instance.Compare(from, to) >= 0)
        {
            return found;
        }

        // The iterator must be destroyed before the database closes.
        bool held = false;
        try
        {
            database.DangerousAddRef(ref held);
            using ReadOptionsHandle options = new();
            RocksDbNative.SetFillCache(options, keepsCache ? (byte)0 : (byte)1);
            fixed (byte* lower = from)
            fixed (byte* upper = to)
            {
                // The options keep pointers to the bounds, which stay pinned while the iterator lives.
                RocksDbNative.SetLowerBound(options, lower, (nuint)from.Length);
                RocksDbNative.SetUpperBound(options, upper, (nuint)to.Length);
                RocksDbNative.SetSnapshot(options, snapshot);
                nint iterator = RocksDbNative.CreateIterator(database, options);
                try
                {
                    Collect(iterator, limit, reverse, found);
                    RocksDbNative.GetError(iterator, out nint error);
                    ThrowIfSet(error, from, to);
                }
                finally
                {
                    RocksDbNative.DestroyIterator(iterator);
                }
            }

            return found;
        }
        finally
        {
            if (held)
            {
                database.DangerousRelease();
            }
        }
    }

    private static void Collect(nint iterator, int limit, bool reverse, List<KeyValueEntry> found)
    {
        if (reverse)
        {
            RocksDbNative.SeekToLast(iterator);
        }
        else
        {
            RocksDbNative.SeekToFirst(iterator);
        }

        while (RocksDbNative.IsValid(iterator) != 0)
        {
            byte* key = RocksDbNative.Key(iterator, out nuint keyLength);
            byte* value = RocksDbNative.Value(iterator, out nuint valueLength);
            found.Add(new KeyValueEntry(
                new ReadOnlySpan<byte>(key, checked((int)keyLength)).ToArray(),
                new ReadOnlySpan<byte>(value, checked((int)valueLength)).ToArray()));
            if (found.Count == limit)
            {
                return;
            }

            if (reverse)
            {
                RocksDbNative.Previous(iterator);
            }
            else
            {
                RocksDbNative.Next(iterator);
            }
        }
    }

    private void ThrowIfSet(nint error, byte[] key, byte[]? to)
    {
        if (error != 0)
        {
            string what = to is null ? $"row {KeyText.Of(key)}" : $"rows {KeyText.Of(key)} to {KeyText.Of(to)}";
            IOException exception = RocksDbError.ToException(RocksDbError.Take(error), what);
            if (exception is StoreDamagedException damage)
            {
                damaged?.Invoke(damage);
            }

            throw exception;
        }
    }
}
