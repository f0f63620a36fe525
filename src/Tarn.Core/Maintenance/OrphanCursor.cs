using Tarn.Core.Records;

namespace Tarn.Core.Maintenance;

/// <summary>What is known of blobs that no row knows.</summary>
/// <param name="Blobs">How many.</param>
/// <param name="Bytes">Bytes that they take.</param>
public sealed record OrphanCount(long Blobs, long Bytes);

/// <summary>How far <see cref="OrphanScan"/> is: what a restarted one goes on from.</summary>
internal sealed record OrphanCursor
{
    private const byte Marker = 1;

    /// <summary>The first <see cref="Blobs.BlobId.Directory"/> that was not looked at; 0: no count is begun.</summary>
    public int Directory { get; init; }

    /// <summary>What was found before it.</summary>
    public long Blobs { get; init; }

    public long Bytes { get; init; }

    /// <summary>When the last count ended, Unix milliseconds; 0: none did.</summary>
    public long Finished { get; init; }

    /// <summary>What that one found.</summary>
    public long LastBlobs { get; init; }

    public long LastBytes { get; init; }

    public byte[] Encode() => new RecordWriter(Marker)
        .Number(1, (ulong)Directory)
        .Number(2, Blobs)
        .Number(3, Bytes)
        .Number(4, Finished)
        .Number(5, LastBlobs)
        .Number(6, LastBytes)
        .ToArray();

    public static OrphanCursor Decode(ReadOnlySpan<byte> bytes)
    {
        var cursor = new OrphanCursor();
        var reader = new RecordReader(bytes, Marker);
        while (reader.Next())
        {
            cursor = reader.Field switch
            {
                1 => cursor with { Directory = (int)reader.Number },
                2 => cursor with { Blobs = reader.Signed },
                3 => cursor with { Bytes = reader.Signed },
                4 => cursor with { Finished = reader.Signed },
                5 => cursor with { LastBlobs = reader.Signed },
                6 => cursor with { LastBytes = reader.Signed },
                _ => cursor,
            };
        }

        return cursor;
    }
}
