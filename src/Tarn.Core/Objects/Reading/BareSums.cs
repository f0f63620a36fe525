using System.Buffers.Binary;
using System.Security.Cryptography;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.Hashing;
using Tarn.Core.Model;
using Tarn.Core.Objects.Ownership;

namespace Tarn.Core.Objects.Reading;

/// <summary>
/// Remembers the checksums of the blocks of bare data that was compared as a whole with what its record knows, so that ranges of it can be verified without reading
/// all of it for each: an object of 5 GiB is copied as hundreds of parts. In memory only, and bounded.
/// </summary>
/// <param name="maxBlocks">Blocks of all data together; each takes 8 bytes, and each piece of data as much as <see cref="Overhead"/> blocks besides.</param>
internal sealed class BareSums(int maxBlocks = 1 << 20)
{
    /// <summary>What is kept of a piece besides its checksums, in blocks.</summary>
    public const int Overhead = 24;

    private readonly Lock _lock = new();
    private readonly Dictionary<Id128, byte[]> _tables = [];
    private readonly Queue<Id128> _order = [];
    private long _blocks;

    /// <summary>What identifies a piece of data: its runs. All who hold them hold the same bytes.</summary>
    public static Id128 KeyOf(IReadOnlyList<Extent> runs)
    {
        const int size = Id128.Size + (2 * sizeof(long));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> bytes = stackalloc byte[SHA256.HashSizeInBytes];
        foreach (Extent run in runs)
        {
            run.Blob.Value.Write(bytes);
            BinaryPrimitives.WriteInt64BigEndian(bytes[Id128.Size..], run.Offset);
            BinaryPrimitives.WriteInt64BigEndian(bytes[(Id128.Size + sizeof(long))..], run.Length);
            hash.AppendData(bytes[..size]);
        }

        hash.GetHashAndReset(bytes);
        return Id128.Read(bytes);
    }

    /// <summary>The checksums of the blocks, counted from the beginning of the piece, as a blob's tail has them; null when they are not known.</summary>
    public byte[]? Find(Id128 piece)
    {
        lock (_lock)
        {
            return _tables.GetValueOrDefault(piece);
        }
    }

    /// <summary>Remembers them, as long as there is room.</summary>
    /// <returns>The checksums.</returns>
    public byte[] Add(Id128 piece, BlockChecksummer sums)
    {
        byte[] table = new byte[sums.Count * BlobLayout.ChecksumSize];
        sums.Write(table);
        lock (_lock)
        {
            if (Cost(table) <= maxBlocks && _tables.TryAdd(piece, table))
            {
                _order.Enqueue(piece);
                _blocks += Cost(table);
                while (_blocks > maxBlocks)
                {
                    _tables.Remove(_order.Dequeue(), out byte[]? oldest);
                    _blocks -= Cost(oldest!);
                }
            }
        }

        return table;
    }

    /// <summary>Whether the bytes are those of a block.</summary>
    public static bool Matches(byte[] table, long block, ReadOnlySpan<byte> bytes) =>
        Crc.Crc64Nvme.Of(bytes) == BinaryPrimitives.ReadUInt64BigEndian(table.AsSpan((int)block * BlobLayout.ChecksumSize));

    private static long Cost(byte[] table) => (table.Length / BlobLayout.ChecksumSize) + Overhead;
}
