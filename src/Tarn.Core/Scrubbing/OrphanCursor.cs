using Tarn.Core.Records;

namespace Tarn.Core.Scrubbing;

/// <summary>The result of a count of blobs that no row refers to.</summary>
/// <param name="Blobs">The number of blobs.</param>
/// <param name="Bytes">Their size in bytes.</param>
public sealed record OrphanCount(long Blobs, long Bytes);

/// <summary>The progress of <see cref="OrphanScan"/>, from which a restarted scan continues.</summary>
internal sealed record OrphanCursor
{
    private const byte Marker = 1;

    /// <summary>The first <see cref="Blobs.BlobId.Directory"/> not yet scanned; 0 when no count is in progress.</summary>
    public int Directory { get; init; }

    /// <summary>Orphans found before it.</summary>
    public long Blobs { get; init; }

    public long Bytes { get; init; }

    /// <summary>When the last count ended, Unix milliseconds; 0 when none has.</summary>
    public long Finished { get; init; }

    /// <summary>Orphans that the last count found.</summary>
    public long LastBlobs { get; init; }

    public long LastBytes { get; init; }

    public byte[] Encode() => new RecordWriter(Marker)
        .Number(2, Blobs)
        .Number(3, Bytes)
        .Number(4, Finished)
        .Number(5, LastBlobs)
        .Number(6, LastBytes)
        .Number(7, (ulong)Directory)
        .ToArray();

    public static OrphanCursor Decode(ReadOnlySpan<byte> bytes)
    {
        var cursor = new OrphanCursor();
        var reader = new RecordReader(bytes, Marker);
        while (reader.Next())
        {
            cursor = reader.Field switch
            {
                2 => cursor with { Blobs = reader.Signed },
                3 => cursor with { Bytes = reader.Signed },
                4 => cursor with { Finished = reader.Signed },
                5 => cursor with { LastBlobs = reader.Signed },
                6 => cursor with { LastBytes = reader.Signed },
                7 => cursor with { Directory = (int)reader.Number },
                _ => cursor,
            };
        }

        // Field 1 was the position among 65,536 directories: a count that an older build began starts again.
        return cursor.Directory > 0 ? cursor : cursor with { Blobs = 0, Bytes = 0 };
    }
}
