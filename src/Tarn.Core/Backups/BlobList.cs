using System.Buffers.Binary;
using Tarn.Core.Blobs;
using Tarn.Core.Consistency;
using Tarn.Core.Model;

namespace Tarn.Core.Backups;

/// <summary>
/// The list of the blobs of a backup, in the order of their ids: 40 bytes for each. Id 16 | bytes stored 8 | CRC64NVME of all bytes of a bare blob 8 | 1 if bare | 7 zeros.
/// </summary>
internal static class BlobList
{
    private const int Size = 40;
    private const int Run = 1000;

    /// <summary>Appends a blob.</summary>
    public static void Write(Stream list, BlobId id, CopiedBlob blob)
    {
        Span<byte> row = stackalloc byte[Size];
        row.Clear();
        id.Value.Write(row);
        BinaryPrimitives.WriteInt64BigEndian(row[16..], blob.Length);
        BinaryPrimitives.WriteUInt64BigEndian(row[24..], blob.Crc);
        row[32] = blob.IsBare ? (byte)1 : (byte)0;
        list.Write(row);
    }

    /// <summary>Reads all, some at a time.</summary>
    /// <exception cref="BackupDamagedException">It is cut.</exception>
    public static async IAsyncEnumerable<IReadOnlyList<(BlobId Id, CopiedBlob Blob)>> ReadAsync(
        Stream list, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[Size * Run];
        while (await list.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken) is > 0 and int count)
        {
            if (count % Size != 0)
            {
                throw new BackupDamagedException("the list of blobs of a backup is cut");
            }

            yield return Decode(buffer.AsSpan(0, count));
        }
    }

    private static List<(BlobId Id, CopiedBlob Blob)> Decode(ReadOnlySpan<byte> rows)
    {
        var blobs = new List<(BlobId, CopiedBlob)>(rows.Length / Size);
        for (; rows.Length > 0; rows = rows[Size..])
        {
            blobs.Add((
                new BlobId(Id128.Read(rows)),
                new CopiedBlob(BinaryPrimitives.ReadInt64BigEndian(rows[16..]), rows[32] != 0, BinaryPrimitives.ReadUInt64BigEndian(rows[24..]), IsNew: false, Problem: null)));
        }

        return blobs;
    }
}
