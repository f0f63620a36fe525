namespace Tarn.Core.KeyValue;

/// <summary>
/// Encodes tuples as keys whose unsigned byte order is the order of the tuples, component by component.
/// Numbers are big-endian; a byte string that others follow is escaped and terminated, so that a prefix sorts first.
/// </summary>
public static class KeyCodec
{
    internal const byte Escape = 0x00;
    internal const byte EscapedZero = 0xFF;
    internal const byte Terminator = 0x01;

    /// <summary>Starts a key. Use the value that each call returns, not the one it was called on.</summary>
    /// <param name="scratch">Memory to build the key in, so that only the finished key is allocated; a longer key is built on the heap.</param>
    public static KeyWriter Write(Span<byte> scratch = default) => new(scratch);

    /// <summary>Starts to read a key, component by component.</summary>
    public static KeyReader Read(ReadOnlySpan<byte> key) => new(key);

    /// <summary>
    /// Returns the smallest key above every key that starts with <paramref name="prefix"/>: the exclusive end of a scan of them.
    /// </summary>
    /// <exception cref="ArgumentException">The prefix is empty or all 0xFF, so no key is above all of its keys.</exception>
    public static byte[] PrefixEnd(ReadOnlySpan<byte> prefix)
    {
        int last = prefix.LastIndexOfAnyExcept((byte)0xFF);
        if (last < 0)
        {
            throw new ArgumentException("No key is above every key with this prefix.", nameof(prefix));
        }

        byte[] end = prefix[..(last + 1)].ToArray();
        end[last]++;
        return end;
    }
}
