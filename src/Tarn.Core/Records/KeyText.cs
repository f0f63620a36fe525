namespace Tarn.Core.Records;

/// <summary>
/// Object keys inside a row's key where something follows them: 0x00 becomes 00 FF and the key ends with 00 01,
/// so that the order of rows is the order of keys.
/// </summary>
internal static class KeyText
{
    public static byte[] Terminate(ReadOnlySpan<byte> key)
    {
        byte[] result = new byte[key.Length + key.Count((byte)0) + 2];
        int n = 0;
        foreach (byte b in key)
        {
            result[n++] = b;
            if (b == 0)
            {
                result[n++] = 0xFF;
            }
        }

        result[n++] = 0;
        result[n] = 1;
        return result;
    }

    /// <summary>Reads a terminated key; <paramref name="consumed"/> counts its bytes in the row.</summary>
    public static byte[] Read(ReadOnlySpan<byte> row, out int consumed)
    {
        byte[] key = new byte[row.Length];
        int n = 0;
        for (int i = 0; i + 1 < row.Length; i++)
        {
            if (row[i] != 0)
            {
                key[n++] = row[i];
                continue;
            }

            if (row[i + 1] == 1)
            {
                consumed = i + 2;
                return key[..n];
            }

            key[n++] = 0;
            i++;
        }

        throw new RecordFormatException("A row's key has no terminator.");
    }
}
