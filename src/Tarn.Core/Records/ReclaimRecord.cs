using Tarn.Core.Model;

namespace Tarn.Core.Records;

/// <summary>The persisted form of something to reclaim once it is due.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Id">Its id.</param>
/// <param name="BucketId">Of an upload, the bucket in which its parts count; 0 when they do not count, since formats before 6 did not say it.</param>
internal sealed record ReclaimRecord(ReclaimKind Kind, Id128 Id, ulong BucketId = 0)
{
    private const byte Marker = 1;

    public byte[] Encode() => new RecordWriter(Marker).Number(1, (ulong)Kind).Id(2, Id).Number(3, BucketId).ToArray();

    public static ReclaimRecord Decode(ReadOnlySpan<byte> bytes)
    {
        ReclaimKind kind = default;
        Id128 id = default;
        ulong bucketId = 0;
        var reader = new RecordReader(bytes, Marker);
        while (reader.Next())
        {
            if (reader.Field == 1)
            {
                kind = (ReclaimKind)reader.Number;
            }
            else if (reader.Field == 2)
            {
                id = reader.Id;
            }
            else if (reader.Field == 3)
            {
                bucketId = reader.Number;
            }
        }

        return new ReclaimRecord(kind, id, bucketId);
    }
}

/// <summary>What a <see cref="ReclaimRecord"/> names. The numbers are persisted.</summary>
internal enum ReclaimKind : byte
{
    /// <summary>A blob that an upload is writing: nothing refers to it until the upload's own commit removes this row.</summary>
    PendingBlob = 1,

    /// <summary>A blob that lost a holder: it is removed if it has no other.</summary>
    Blob = 2,

    /// <summary>A manifest that lost a holder: if it has no other, it is removed and its parts' blobs are released.</summary>
    Manifest = 3,

    /// <summary>A multipart upload that ended: the parts left under its id are removed.</summary>
    Upload = 4,

    /// <summary>A bucket that was deleted (its id is the low half): its uploads in progress are aborted.</summary>
    Bucket = 5,

    /// <summary>A multipart upload that was aborted a while ago: the record of the abort is removed.</summary>
    AbortedUpload = 6,
}
