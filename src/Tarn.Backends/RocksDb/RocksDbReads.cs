using Tarn.Backends.RocksDb.Interop;
using Tarn.Core.KeyValue;

namespace Tarn.Backends.RocksDb;

/// <summary>Reads of the database, or of a snapshot of it, on the caller's thread.</summary>
internal static unsafe class RocksDbReads
{
    public static byte[]?[] Get(DatabaseHandle database, ReadOptionsHandle options, IReadOnlyList<byte[]> keys)
    {
        byte[]?[] values = new byte[]?[keys.Count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = Get(database, options, keys[i]);
        }

        return values;
    }

    public static byte[]? Get(DatabaseHandle database, ReadOptionsHandle options, byte[] key)
    {
        nint slice;
        fixed (byte* bytes = key)
        {
            slice = RocksDbNative.GetPinned(database, options, bytes, (nuint)key.Length, out nint error);
            RocksDbError.ThrowIfSet(error);
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
    /// <param name="database">The database.</param>
    /// <param name="snapshot">The snapshot to read; 0 for the present state.</param>
    /// <param name="from">The first key.</param>
    /// <param name="to">The exclusive end.</param>
    /// <param name="limit">The maximum number of entries to read.</param>
    /// <param name="reverse">Whether to read from the end.</param>
    public static List<KeyValueEntry> Scan(DatabaseHandle database, nint snapshot, byte[] from, byte[] to, int limit, bool reverse)
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

        RocksDbNative.GetError(iterator, out nint error);
        RocksDbError.ThrowIfSet(error);
    }
}
