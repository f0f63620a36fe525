using Tarn.Core.Records;

namespace Tarn.Core.Samples;

/// <summary>The writing of the samples of one time for every bucket, which can be interrupted and go on.</summary>
/// <param name="hour">The hour.</param>
/// <param name="isOver">Whether it has ended.</param>
/// <param name="observed">For how many seconds requests were counted.</param>
/// <param name="activity">What they did to each bucket.</param>
internal sealed class SampleWalk(uint hour, bool isOver, long observed, Dictionary<ulong, BucketActivity> activity)
{
    public uint Hour => hour;

    public uint Day { get; } = SampleStep.Day.NumberOf(SampleStep.Hour.StartOf(hour));

    public bool IsOver => isOver;

    public long Observed => observed;

    /// <summary>What requests did to the buckets that were not reached yet; after the walk, to those that do not exist.</summary>
    public Dictionary<ulong, BucketActivity> Activity => activity;

    /// <summary>The row of the bucket that is next.</summary>
    public byte[] Next { get; set; } = [Tables.Bucket];
}
