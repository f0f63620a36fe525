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

    /// <summary>Those of them that were set aside.</summary>
    public long Moved { get; init; }

    public long MovedBytes { get; init; }

    /// <summary>Orphans that the last count left where they are.</summary>
    public long LastLeft { get; init; }

    public long LastLeftBytes { get; init; }

    /// <summary>Whether a row or a directory could not be read, so that the count in progress has no result.</summary>
    public bool IsUncertain { get; init; }

    public byte[] Encode() => new RecordWriter(Marker)
        .Number(2, Blobs)
        .Number(3, Bytes)
        .Number(4, Finished)
        .Number(5, LastLeft)
        .Number(6, LastLeftBytes)
        .Number(7, (ulong)Directory)
        .Number(8, IsUncertain ? 1UL : 0UL)
        .Number(9, Moved)
        .Number(10, MovedBytes)
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
                5 => cursor with { LastLeft = reader.Signed },
                6 => cursor with { LastLeftBytes = reader.Signed },
                7 => cursor with { Directory = (int)reader.Number },
                8 => cursor with { IsUncertain = reader.Number != 0 },
                9 => cursor with { Moved = reader.Signed },
                10 => cursor with { MovedBytes = reader.Signed },
                _ => cursor,
            };
        }

        // Field 1 was the position among 65,536 directories: a count that an older build began starts again.
        return cursor.Directory > 0 ? cursor : cursor with { Blobs = 0, Bytes = 0, Moved = 0, MovedBytes = 0, IsUncertain = false };
    }
}
