using Tarn.Core.Counts;
using Tarn.Core.Records;

namespace Tarn.Core.Samples;

/// <summary>What a bucket held at the end of an hour or day, and what requests did to it in that time.</summary>
public sealed record BucketSample
{
    private const byte Marker = 1;

    /// <summary>For how many seconds of the time a server ran and counted requests: less than all of it where one was started or stopped.</summary>
    public long ObservedSeconds { get; init; }

    /// <summary>What the bucket held when the sample was taken last.</summary>
    public BucketCounts Held { get; init; }

    /// <summary>Whether that is exact; otherwise everything was being counted.</summary>
    public bool IsExact { get; init; }

    /// <summary>What requests did in the observed time.</summary>
    public BucketActivity Activity { get; init; }

    /// <summary>Whether the hour had ended: nothing is added to it, whatever the clock says later. Samples of days have it not.</summary>
    internal bool IsOver { get; init; }

    internal byte[] Encode() => new RecordWriter(Marker)
        .Number(1, ObservedSeconds)
        .Number(2, Stored(Held.Objects))
        .Number(3, Stored(Held.Bytes))
        .Number(4, Stored(Held.NoncurrentVersions))
        .Number(5, Stored(Held.NoncurrentBytes))
        .Number(6, Stored(Held.DeleteMarkers))
        .Number(7, Stored(Held.Uploads))
        .Number(8, Stored(Held.UploadBytes))
        .Number(9, IsExact ? 0UL : 1UL)
        .Number(10, Activity.Requests)
        .Number(11, Activity.Errors)
        .Number(12, Activity.ServerErrors)
        .Number(13, Activity.BytesIn)
        .Number(14, Activity.BytesOut)
        .Number(15, IsOver ? 1UL : 0UL)
        .ToArray();

    internal static BucketSample Decode(ReadOnlySpan<byte> bytes)
    {
        var sample = new BucketSample { IsExact = true };
        var reader = new RecordReader(bytes, Marker);
        while (reader.Next())
        {
            sample = reader.Field switch
            {
                1 => sample with { ObservedSeconds = reader.Signed },
                2 => sample with { Held = sample.Held with { Objects = reader.Signed } },
                3 => sample with { Held = sample.Held with { Bytes = reader.Signed } },
                4 => sample with { Held = sample.Held with { NoncurrentVersions = reader.Signed } },
                5 => sample with { Held = sample.Held with { NoncurrentBytes = reader.Signed } },
                6 => sample with { Held = sample.Held with { DeleteMarkers = reader.Signed } },
                7 => sample with { Held = sample.Held with { Uploads = reader.Signed } },
                8 => sample with { Held = sample.Held with { UploadBytes = reader.Signed } },
                9 => sample with { IsExact = reader.Number == 0 },
                10 => sample with { Activity = sample.Activity with { Requests = reader.Signed } },
                11 => sample with { Activity = sample.Activity with { Errors = reader.Signed } },
                12 => sample with { Activity = sample.Activity with { ServerErrors = reader.Signed } },
                13 => sample with { Activity = sample.Activity with { BytesIn = reader.Signed } },
                14 => sample with { Activity = sample.Activity with { BytesOut = reader.Signed } },
                15 => sample with { IsOver = reader.Number != 0 },
                _ => sample,
            };
        }

        return sample;
    }

    /// <summary>Adds what was observed later in the same time.</summary>
    /// <param name="earlier">The stored sample; null when there is none.</param>
    /// <param name="later">What was observed since.</param>
    /// <param name="longest">The length of the time, in seconds.</param>
    internal static BucketSample Merge(BucketSample? earlier, BucketSample later, long longest) => later with
    {
        ObservedSeconds = Math.Min(longest, later.ObservedSeconds + (earlier?.ObservedSeconds ?? 0)),
        Activity = later.Activity + (earlier?.Activity ?? default),
    };

    /// <summary>Counts that are not exact may be below 0.</summary>
    private static long Stored(long count) => Math.Max(0, count);
}
