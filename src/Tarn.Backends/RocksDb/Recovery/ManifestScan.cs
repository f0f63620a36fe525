namespace Tarn.Backends.RocksDb.Recovery;

/// <summary>Reads a manifest. A record is a change of the set of files: numbered fields, of which the first are numbers (RocksDB's db/version_edit.cc).</summary>
internal sealed class ManifestScan : RecordScan
{
    // The fields that precede the first that is neither a number nor a string.
    private const int HeadBytes = 256;

    // Fields of db/version_edit.h. Those with the bit are strings that an older RocksDB may skip.
    private const ulong Comparator = 1;
    private const ulong LastSequence = 4;
    private const ulong MaySkip = 1 << 13;
    private static readonly ulong[] Numbers = [2, 3, LastSequence, 9, 10, 203];

    private ManifestScan(string path) : base(path, HeadBytes) { }

    /// <summary>The number of the last change that is in tables; null when no record says it.</summary>
    public ulong? LastTableChange { get; private set; }

    /// <summary>Reads a manifest.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static ManifestScan Of(string path)
    {
        ManifestScan scan = new(path);
        scan.Read();
        return scan;
    }

    protected override bool Record(ReadOnlySpan<byte> head)
    {
        while (TryNumber(ref head, out ulong field) && TryNumber(ref head, out ulong value))
        {
            if (field == LastSequence)
            {
                LastTableChange = Math.Max(LastTableChange ?? 0, value);
                break;
            }

            if (field == Comparator || (field & MaySkip) != 0)
            {
                if (value > (ulong)head.Length)
                {
                    break;
                }

                head = head[(int)value..];
            }
            else if (!Numbers.Contains(field))
            {
                break;
            }
        }

        return true;
    }

    private static bool TryNumber(ref ReadOnlySpan<byte> bytes, out ulong number)
    {
        number = 0;
        for (int i = 0; i < Math.Min(10, bytes.Length); i++)
        {
            number |= (ulong)(bytes[i] & 0x7F) << (7 * i);
            if (bytes[i] < 0x80)
            {
                bytes = bytes[(i + 1)..];
                return true;
            }
        }

        return false;
    }
}
