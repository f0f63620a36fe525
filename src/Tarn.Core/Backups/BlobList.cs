using System.Buffers.Binary;
using System.Runtime.CompilerServices;
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

    /// <summary>Reads it a directory at a time.</summary>
    public static DirectoryCursor<(BlobId Id, CopiedBlob Blob)> Cursor(Stream list, CancellationToken cancellationToken) => new(ReadAsync(list, cancellationToken), static row => row.Id, cancellationToken);

    /// <summary>Reads all.</summary>
    /// <exception cref="BackupDamagedException">It is cut.</exception>
    public static async IAsyncEnumerable<(BlobId Id, CopiedBlob Blob)> ReadAsync(Stream list, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        byte[] row = new byte[Size];
        while (await list.ReadAtLeastAsync(row, Size, throwOnEndOfStream: false, cancellationToken) is > 0 and int count)
        {
            yield return count == Size ? Decode(row) : throw new BackupDamagedException("the list of blobs of a backup is cut");
        }
    }

    private static (BlobId Id, CopiedBlob Blob) Decode(ReadOnlySpan<byte> row) => (
        new BlobId(Id128.Read(row)),
        new CopiedBlob(BinaryPrimitives.ReadInt64BigEndian(row[16..]), row[32] != 0, BinaryPrimitives.ReadUInt64BigEndian(row[24..]), IsNew: false, Problem: null));
}
