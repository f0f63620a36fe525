namespace Tarn.Core.Disks.Listing;

/// <summary>
/// The names of a directory in S3's order: raw bytes, directories with a slash at the end. For a directory that is too large to hold, a run of its
/// names. Immutable; one array of bytes and one of offsets, whatever the number of names.
/// </summary>
internal sealed class DirectorySnapshot
{
    private readonly byte[] _arena;
    private readonly int[] _starts;

    /// <param name="arena">Each entry: its kind, then its name.</param>
    /// <param name="starts">Where each entry starts, and where the last one ends.</param>
    /// <param name="from">The run holds every name from here on; empty for the first.</param>
    /// <param name="isLast">Whether the run goes to the directory's last name.</param>
    public DirectorySnapshot(byte[] arena, int[] starts, byte[] from, bool isLast)
    {
        _arena = arena;
        _starts = starts;
        From = from;
        IsLast = isLast;
    }

    public int Count => _starts.Length - 1;

    /// <summary>The run holds every name from this one on.</summary>
    public byte[] From { get; }

    /// <summary>Whether no name of the directory comes after the run's last.</summary>
    public bool IsLast { get; }

    /// <summary>Whether all names of the directory are here.</summary>
    public bool IsWhole => From.Length == 0 && IsLast;

    /// <summary>Bytes of memory.</summary>
    public long Footprint => _arena.LongLength + (sizeof(int) * _starts.LongLength) + 64;

    public EntryKind Kind(int index) => (EntryKind)_arena[_starts[index]];

    /// <summary>The name; a directory's ends with a slash.</summary>
    public ReadOnlySpan<byte> Name(int index)
    {
        int start = _starts[index] + 1;
        return _arena.AsSpan(start, _starts[index + 1] - start);
    }

    /// <summary>Whether a name at or after this one can be looked up here.</summary>
    public bool Covers(ReadOnlySpan<byte> name) =>
        name.SequenceCompareTo(From) >= 0 && (IsLast || (Count > 0 && name.SequenceCompareTo(Name(Count - 1)) <= 0));

    /// <summary>The first entry whose name is not before this one.</summary>
    public int Seek(ReadOnlySpan<byte> name)
    {
        int low = 0;
        int high = Count;
        while (low < high)
        {
            int middle = (int)(((uint)low + (uint)high) / 2);
            if (Name(middle).SequenceCompareTo(name) < 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
