using System.Buffers.Binary;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.Hashing;
using Tarn.Core.Objects.Ownership;

namespace Tarn.Core.Objects.Reading;

/// <summary>
/// Remembers the checksums of the blocks of bare data that was compared as a whole with what its record knows, so that ranges of it can be verified without reading
/// all of it for each: an object of 5 GiB is copied as hundreds of parts. In memory only, and bounded.
/// </summary>
/// <param name="maxBlocks">Blocks of all data together; each takes 8 bytes.</param>
internal sealed class BareSums(int maxBlocks = 1 << 20)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Extent, byte[]> _tables = [];
    private readonly Queue<Extent> _order = [];
    private long _blocks;

    /// <summary>The checksums of the blocks, counted from the beginning of the run, as a blob's tail has them; null when they are not known.</summary>
    public byte[]? Find(Extent run)
    {
        lock (_lock)
        {
            return _tables.GetValueOrDefault(Same(run));
        }
    }

    /// <summary>Remembers them.</summary>
    public void Add(Extent run, BlockChecksummer sums)
    {
        byte[] table = new byte[sums.Count * BlobLayout.ChecksumSize];
        sums.Write(table);
        lock (_lock)
        {
            if (sums.Count > maxBlocks || !_tables.TryAdd(Same(run), table))
            {
                return;
            }

            _order.Enqueue(Same(run));
            _blocks += sums.Count;
            while (_blocks > maxBlocks)
            {
                Extent oldest = _order.Dequeue();
                _blocks -= _tables[oldest].Length / BlobLayout.ChecksumSize;
                _tables.Remove(oldest);
            }
        }
    }

    /// <summary>Whether the bytes are those of a block.</summary>
    public static bool Matches(byte[] table, long block, ReadOnlySpan<byte> bytes) =>
        Crc.Crc64Nvme.Of(bytes) == BinaryPrimitives.ReadUInt64BigEndian(table.AsSpan((int)block * BlobLayout.ChecksumSize));

    /// <summary>All who hold a run hold the same bytes.</summary>
    private static Extent Same(Extent run) => run with { Reference = 0, Stored = 0 };
}
