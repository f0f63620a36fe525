using Tarn.Core.Blobs;
using Tarn.Core.Model;
using Tarn.Core.Records;

namespace Tarn.Core.Objects.Ownership;

/// <summary>Where an object's bytes are.</summary>
internal abstract record ObjectData
{
    /// <summary>An empty object.</summary>
    public sealed record Empty : ObjectData
    {
        public static Empty Instance { get; } = new();
    }

    /// <summary>A small object: its bytes are a row of <see cref="Tables.InlineData"/>.</summary>
    /// <param name="Row">The row's id.</param>
    /// <param name="IsSealed">Whether the bytes are followed by their checksum; false for a row of a build before layout 1 of blobs.</param>
    public sealed record Inline(Id128 Row, bool IsSealed) : ObjectData;

    /// <summary>One or more runs of blobs.</summary>
    public sealed record Extents(IReadOnlyList<Extent> List) : ObjectData;

    /// <summary>
    /// A completed multipart object: its parts are rows of <see cref="Tables.Manifest"/>, <see cref="ManifestChunk.Capacity"/> to a row.
    /// </summary>
    /// <param name="Id">The manifest's id.</param>
    /// <param name="Reference">Which holder of the manifest this object is; 0 is the one that created it.</param>
    /// <param name="ChunkStarts">For each row, the offset in the object of its first part.</param>
    public sealed record Manifest(Id128 Id, ulong Reference, IReadOnlyList<long> ChunkStarts) : ObjectData;
}

/// <summary>A run of bytes of a blob, held by one object or part.</summary>
/// <param name="Blob">The blob.</param>
/// <param name="Reference">Which holder of the blob this is; 0 is the one that wrote it.</param>
/// <param name="Offset">Where in the blob the run begins.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Stored">Bytes of the whole blob as the blob store has it; 0 if a build before layout 1 of blobs wrote it, which did not note it.</param>
internal readonly record struct Extent(BlobId Blob, ulong Reference, long Offset, long Length, long Stored = 0)
{
    /// <summary>The end of the run in the blob, which the blob's payload reaches at least.</summary>
    public long End => Offset + Length;

    public void Write(RecordWriter writer)
    {
        Span<byte> id = stackalloc byte[Id128.Size];
        Blob.Value.Write(id);
        writer.Bytes(1, id).Number(2, Reference).Number(3, Offset).Number(4, Length).Number(5, Stored);
    }

    public static Extent Read(RecordReader reader)
    {
        Extent extent = default;
        while (reader.Next())
        {
            extent = reader.Field switch
            {
                1 => extent with { Blob = new BlobId(reader.Id) },
                2 => extent with { Reference = reader.Number },
                3 => extent with { Offset = reader.Signed },
                4 => extent with { Length = reader.Signed },
                5 => extent with { Stored = reader.Signed },
                _ => extent,
            };
        }

        return extent;
    }

    /// <summary>Returns the runs that cover [offset, offset + length) of the concatenation of <paramref name="extents"/>.</summary>
    public static List<Extent> Slice(IEnumerable<Extent> extents, long offset, long length)
    {
        var result = new List<Extent>();
        foreach (Extent extent in extents)
        {
            if (offset >= extent.Length)
            {
                offset -= extent.Length;
                continue;
            }

            if (length == 0)
            {
                break;
            }

            long take = Math.Min(extent.Length - offset, length);
            result.Add(extent with { Offset = extent.Offset + offset, Length = take });
            length -= take;
            offset = 0;
        }

        return result;
    }
}
