using Tarn.Core.Records;

namespace Tarn.Core.Scrubbing;

/// <summary>What a pass has counted.</summary>
public sealed record ScrubCounts
{
    /// <summary>Objects, versions and parts of uploads in progress whose data was looked at.</summary>
    public long Objects { get; init; }

    /// <summary>Bytes read and verified.</summary>
    public long Bytes { get; init; }

    /// <summary>Pieces of data found damaged: blobs, rows of small objects, manifests. Data that several objects share counts once.</summary>
    public long Damaged { get; init; }

    /// <summary>Blobs without checksums of which no record knows enough to tell whether they are right.</summary>
    public long NotVerifiable { get; init; }

    /// <summary>Blobs that got checksums, since they are what their record knows.</summary>
    public long Sealed { get; init; }

    /// <summary>Blobs that were brought back from among those set aside.</summary>
    public long BroughtBack { get; init; }

    /// <summary>Blobs of which a damaged or missing copy was rewritten from another one: with a mirror.</summary>
    public long Repaired { get; init; }

    /// <summary>What could not be read or decoded, or not be listed.</summary>
    public long Failures { get; init; }

    /// <summary>Blobs that no row refers to.</summary>
    public long Orphans { get; init; }

    /// <summary>Their size in bytes.</summary>
    public long OrphanBytes { get; init; }

    /// <summary>Blobs that were written anew: the device had wrong bytes of them, and the right ones could still be had.</summary>
    public long Rewritten { get; init; }

    internal void Write(RecordWriter writer) => writer
        .Number(1, Objects)
        .Number(2, Bytes)
        .Number(3, Damaged)
        .Number(4, NotVerifiable)
        .Number(5, Sealed)
        .Number(6, BroughtBack)
        .Number(7, Failures)
        .Number(8, Orphans)
        .Number(9, OrphanBytes)
        .Number(10, Rewritten)
        .Number(11, Repaired);

    internal static ScrubCounts Read(RecordReader reader)
    {
        var counts = new ScrubCounts();
        while (reader.Next())
        {
            counts = reader.Field switch
            {
                1 => counts with { Objects = reader.Signed },
                2 => counts with { Bytes = reader.Signed },
                3 => counts with { Damaged = reader.Signed },
                4 => counts with { NotVerifiable = reader.Signed },
                5 => counts with { Sealed = reader.Signed },
                6 => counts with { BroughtBack = reader.Signed },
                7 => counts with { Failures = reader.Signed },
                8 => counts with { Orphans = reader.Signed },
                9 => counts with { OrphanBytes = reader.Signed },
                10 => counts with { Rewritten = reader.Signed },
                11 => counts with { Repaired = reader.Signed },
                _ => counts,
            };
        }

        return counts;
    }
}
