using System.Buffers.Binary;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Records;

namespace Tarn.Core.Consistency;

/// <summary>Takes the keys of rows apart.</summary>
internal static class RowKeys
{
    private const int HashSize = 32;
    private const int TerminatorSize = 2;

    /// <summary>The bucket and the object key of a row that belongs to one; the object key is empty when the row is the bucket's own.</summary>
    public static bool TrySplit(ReadOnlySpan<byte> row, out ulong bucket, out byte[] key)
    {
        (bucket, key) = (0, []);
        if (row.Length < Tables.CurrentPrefixLength)
        {
            return false;
        }

        bucket = Tables.BucketOf(row);
        ReadOnlySpan<byte> rest = row[Tables.CurrentPrefixLength..];
        switch (row[0])
        {
            case Tables.Current or Tables.Marker or Tables.NullVersion:
                key = rest.ToArray();
                return true;
            case Tables.BucketConfiguration or Tables.LifecycleCursor or Tables.BucketCounts or Tables.HourSample or Tables.DaySample:
                return true;
            case Tables.History or Tables.Upload:
                return TrySplitTerminated(rest, out key, out _);
            default:
                return false;
        }
    }

    /// <summary>The object key and the id behind it of a row of <see cref="Tables.History"/> or <see cref="Tables.Upload"/>; the version is inverted as it is stored.</summary>
    public static bool TrySplitTerminated(ReadOnlySpan<byte> rest, out byte[] key, out Id128 id)
    {
        (key, id) = ([], default);
        try
        {
            KeyReader reader = KeyCodec.Read(rest);
            key = reader.Terminated();
            ReadOnlySpan<byte> last = reader.Raw();
            if (last.Length != Id128.Size || key.Length is 0 or > ObjectKey.MaxLength)
            {
                return false;
            }

            id = Id128.Read(last);
            return true;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    /// <summary>The id with which a row's key begins.</summary>
    public static Id128 IdOf(byte[] row) => Id128.Read(row.AsSpan(1));

    /// <summary>The number that follows the id in the key of a part's or of a manifest's row.</summary>
    public static int NumberOf(byte[] row) => BinaryPrimitives.ReadInt32BigEndian(row.AsSpan(17));

    /// <summary>The reference in the key of a reference row.</summary>
    public static ulong ReferenceOf(byte[] row) => BinaryPrimitives.ReadUInt64BigEndian(row.AsSpan(17));

    /// <summary>Whether a key can be one of its table: all of it is there whose length is known.</summary>
    public static bool HasLength(byte table, int length) => table switch
    {
        Tables.Part or Tables.Manifest => length == 21,
        Tables.AbortedUpload or Tables.InlineData or Tables.SetAside => length == 17,
        Tables.BlobReference or Tables.Reclaim or Tables.AcceleratorClear => length == 25,
        Tables.BucketConfiguration => length == 10,
        Tables.HourSample or Tables.DaySample => length == 13,
        Tables.LifecycleCursor or Tables.BucketCounts => length == 9,
        Tables.Upload or Tables.History => length > Tables.CurrentPrefixLength + TerminatorSize + Id128.Size,
        Tables.Damage => length > Tables.DamagePrefixLength + Id128.Size,
        Tables.AcceleratorSecret => length == 1,
        Tables.ApiToken or Tables.AcceleratorToken => length == 1 + HashSize,
        Tables.ApiTokenByUser => length > 1 + HashSize,
        Tables.ShareLinkByExpiry or Tables.TemporaryKeyByExpiry => length > 9,
        Tables.Job => length == 1 + Id128.Size,
        Tables.JobByOrganization => length > 2 + sizeof(long) + Id128.Size,
        Tables.JobUnfinished => length == 1 || length == 1 + Id128.Size,
        Tables.JobByToken => length > 2 + sizeof(long) + HashSize,
        Tables.JobKey => length > 2 + Id128.Size,
        Tables.Mirror => length == Tables.MirrorPositionKey.Length || length == Tables.MirrorDeletedPrefix.Length + Id128.Size || length == Tables.MirrorSuspectPrefix.Length + Id128.Size + sizeof(ulong),
        Tables.Current or Tables.Marker or Tables.NullVersion => length is > Tables.CurrentPrefixLength and <= Tables.CurrentPrefixLength + ObjectKey.MaxLength,
        _ => true,
    };
}
