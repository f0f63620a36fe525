using Tarn.Core.KeyValue;
using Tarn.Core.Records;

namespace Tarn.Core.Counts;

/// <summary>
/// What a bucket holds, or by how much a change changes that. Every change of a bucket's rows adds its part in its own commit, so the counts are exact;
/// because additions commute, no change waits for another, or fails, because of them. docs/design/counts.md
/// </summary>
/// <param name="Objects">Live objects: the newest versions that are not delete markers.</param>
/// <param name="Bytes">Their sizes together.</param>
/// <param name="NoncurrentVersions">Versions that are not the newest, without delete markers.</param>
/// <param name="NoncurrentBytes">Their sizes together.</param>
/// <param name="DeleteMarkers">Delete markers, the newest versions and older ones.</param>
/// <param name="Uploads">Multipart uploads in progress.</param>
/// <param name="UploadBytes">The sizes of their parts together, and of parts of ended uploads that were not removed yet.</param>
public readonly record struct BucketCounts(
    long Objects, long Bytes, long NoncurrentVersions, long NoncurrentBytes, long DeleteMarkers, long Uploads, long UploadBytes)
{
    private const int Numbers = 7;

    /// <summary>Adds two counts.</summary>
    public static BucketCounts operator +(BucketCounts one, BucketCounts other) => new(
        one.Objects + other.Objects, one.Bytes + other.Bytes, one.NoncurrentVersions + other.NoncurrentVersions, one.NoncurrentBytes + other.NoncurrentBytes,
        one.DeleteMarkers + other.DeleteMarkers, one.Uploads + other.Uploads, one.UploadBytes + other.UploadBytes);

    /// <summary>Subtracts counts.</summary>
    public static BucketCounts operator -(BucketCounts one, BucketCounts other) => one + -other;

    /// <summary>Turns an addition into its removal.</summary>
    public static BucketCounts operator -(BucketCounts counts) => new(
        -counts.Objects, -counts.Bytes, -counts.NoncurrentVersions, -counts.NoncurrentBytes, -counts.DeleteMarkers, -counts.Uploads, -counts.UploadBytes);

    /// <summary>What an upload counts that has just begun.</summary>
    internal static BucketCounts Upload => new() { Uploads = 1 };

    internal static BucketCounts Decode(byte[]? row)
    {
        Span<long> numbers = stackalloc long[Numbers];
        KeyValueCounter.Read(row, numbers);
        return new(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5], numbers[6]);
    }

    /// <summary>Adds this to a bucket's counts when the batch commits.</summary>
    internal void AddTo(KeyValueBatch batch, ulong bucketId)
    {
        if (this != default)
        {
            batch.Add(Tables.BucketCountsKey(bucketId), Objects, Bytes, NoncurrentVersions, NoncurrentBytes, DeleteMarkers, Uploads, UploadBytes);
        }
    }
}
