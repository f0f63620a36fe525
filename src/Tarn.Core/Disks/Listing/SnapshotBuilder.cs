using System.Runtime.InteropServices;

namespace Tarn.Core.Disks.Listing;

/// <summary>
/// Collects the names of a directory and sorts them. Beyond its limits it keeps the smallest ones, so that a directory of any size is listed
/// in bounded memory, run by run.
/// </summary>
/// <param name="limits">The limits.</param>
/// <param name="from">Names before this one are skipped.</param>
internal sealed class SnapshotBuilder(SnapshotLimits limits, byte[] from)
{
    private const int HeaderSize = 3; // kind 1, length 2
    private const int FirstArena = 4096;

    private byte[] _arena = new byte[FirstArena];
    private readonly List<int> _offsets = [];
    private int _used;
    private byte[]? _last;

    /// <param name="kind">The kind of the entry.</param>
    /// <param name="name">At most <see cref="Linux.LinuxFiles.MaxName"/> bytes.</param>
    public void Add(EntryKind kind, ReadOnlySpan<byte> name)
    {
        bool isDirectory = kind is EntryKind.Directory or EntryKind.PerhapsDirectory;
        int length = name.Length + (isDirectory ? 1 : 0);
        Span<byte> sorted = stackalloc byte[Linux.LinuxFiles.MaxName + 1];
        name.CopyTo(sorted);
        sorted[name.Length] = (byte)'/';
        sorted = sorted[..length];
        if ((from.Length > 0 && sorted.SequenceCompareTo(from) < 0) || (_last is not null && sorted.SequenceCompareTo(_last) > 0))
        {
            return;
        }

        Reserve(HeaderSize + length);
        _offsets.Add(_used);
        _arena[_used] = (byte)kind;
        MemoryMarshal.Write(_arena.AsSpan(_used + 1), (ushort)length);
        sorted.CopyTo(_arena.AsSpan(_used + HeaderSize));
        _used += HeaderSize + length;
        if (_offsets.Count >= limits.MaxNames || _used >= limits.MaxBytes)
        {
            KeepSmaller();
        }
    }

    public DirectorySnapshot Build()
    {
        Span<int> sorted = Sort();
        byte[] arena = new byte[_used - ((HeaderSize - 1) * _offsets.Count)];
        int[] starts = new int[sorted.Length + 1];
        int count = 0;
        int used = 0;
        for (int i = 0; i < sorted.Length; i++)
        {
            // A name may be read twice if it changed meanwhile; the listing examines its current state.
            ReadOnlySpan<byte> name = NameAt(_arena, sorted[i]);
            byte kind = _arena[sorted[i]];
            if (count > 0 && name.SequenceEqual(arena.AsSpan(starts[count - 1] + 1, used - starts[count - 1] - 1)))
            {
                arena[starts[count - 1]] = (byte)(name[^1] == (byte)'/' ? EntryKind.PerhapsDirectory : EntryKind.PerhapsFile);
                continue;
            }

            starts[count++] = used;
            arena[used++] = kind;
            name.CopyTo(arena.AsSpan(used));
            used += name.Length;
        }

        starts[count] = used;
        return new DirectorySnapshot(arena, count == sorted.Length ? starts : starts[..(count + 1)], from, _last is null);
    }

    /// <summary>Drops the larger half, and from now on every name that would belong to it.</summary>
    private void KeepSmaller()
    {
        Span<int> sorted = Sort();
        int kept = Math.Max(1, sorted.Length / 2);
        _last = NameAt(_arena, sorted[kept - 1]).ToArray();

        // Two entries of the same name stay together, so that no run ends between them.
        while (kept < sorted.Length && NameAt(_arena, sorted[kept]).SequenceEqual(_last))
        {
            kept++;
        }

        byte[] arena = new byte[_arena.Length];
        int used = 0;
        for (int i = 0; i < kept; i++)
        {
            int size = HeaderSize + NameAt(_arena, sorted[i]).Length;
            _arena.AsSpan(sorted[i], size).CopyTo(arena.AsSpan(used));
            sorted[i] = used;
            used += size;
        }

        _offsets.RemoveRange(kept, _offsets.Count - kept);
        _arena = arena;
        _used = used;
    }

    private Span<int> Sort()
    {
        Span<int> offsets = CollectionsMarshal.AsSpan(_offsets);
        NameSorter.Sort(_arena, offsets, NameAt);
        return offsets;
    }

    private void Reserve(int size)
    {
        if (_arena.Length - _used < size)
        {
            byte[] larger = new byte[Math.Max(_used + size, (int)Math.Min(int.MaxValue, 2L * _arena.Length))];
            _arena.AsSpan(0, _used).CopyTo(larger);
            _arena = larger;
        }
    }

    private static ReadOnlySpan<byte> NameAt(byte[] arena, int offset) =>
        arena.AsSpan(offset + HeaderSize, MemoryMarshal.Read<ushort>(arena.AsSpan(offset + 1)));
}

/// <summary>How much of a directory is held at a time.</summary>
/// <param name="MaxNames">At least 2.</param>
/// <param name="MaxBytes">Of names.</param>
internal readonly record struct SnapshotLimits(int MaxNames, int MaxBytes);
