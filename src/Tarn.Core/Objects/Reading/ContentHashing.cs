using System.Buffers;
using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.Hashing;
using Tarn.Core.Model;
using Tarn.Core.Objects.Integrity;
using Tarn.Core.Objects.Ownership;

namespace Tarn.Core.Objects.Reading;

/// <summary>
/// Reads stored bytes to make new digests of them, which would make damage look sound. So every byte is verified: by the checksum of its block or, where the data is bare, by
/// what a record knows of all of it. docs/design/blobs.md
/// </summary>
internal sealed class ContentHashing(CheckedBlobs blobs, ManifestReader manifests, InlineRows rows, DamageList damage)
{
    private const int BufferSize = 256 * 1024;

    private readonly BareSums _sums = new();

    // One at a time of the same data: the others then find the checksums.
    private readonly SemaphoreSlim[] _turns = [.. Enumerable.Range(0, 16).Select(static _ => new SemaphoreSlim(1))];

    /// <summary>Feeds a range of an object to every hasher; returns false when the object was replaced and its bytes are gone.</summary>
    /// <exception cref="DamagedDataException">The bytes are not what was stored, or others of which the record knows one digest are not.</exception>
    public async ValueTask<bool> AppendAsync(StoredObject source, long offset, long length, StreamHasher[] hashers, CancellationToken cancellationToken)
    {
        var output = new Output(hashers);
        bool isThere = true;
        switch (source.Record.Data)
        {
            case ObjectData.Inline inline:
                if (await rows.ReadAsync(source, inline, verify: true, cancellationToken) is not { } bytes)
                {
                    return false;
                }

                output.Append(bytes.Span.Slice((int)offset, (int)length));
                break;
            case ObjectData.Extents extents:
                var whole = new StoredPiece(extents.List, source.Size, source.Checksum, source.ETag);
                isThere = await AppendAsync(source, whole, offset, offset + length, output, cancellationToken);
                break;
            case ObjectData.Manifest manifest:
                isThere = await AppendAsync(source, manifest, offset, offset + length, output, cancellationToken);
                break;
        }

        return !isThere || output.Count == length ? isThere : throw new IOException("An object is longer than the data it refers to.");
    }

    private async ValueTask<bool> AppendAsync(
        StoredObject source, ObjectData.Manifest manifest, long from, long to, Output output, CancellationToken cancellationToken)
    {
        for (int chunk = 0; chunk < manifest.ChunkStarts.Count; chunk++)
        {
            long start = manifest.ChunkStarts[chunk];
            if (start >= to || (chunk + 1 < manifest.ChunkStarts.Count && manifest.ChunkStarts[chunk + 1] <= from))
            {
                continue;
            }

            foreach (PartRecord part in await manifests.ChunkAsync(source, manifest, chunk, cancellationToken))
            {
                var piece = new StoredPiece(part.Extents, part.Size, part.Checksum, part.ETag);
                long first = Math.Max(from - start, 0), end = Math.Min(to - start, part.Size);
                if (first < end && !await AppendAsync(source, piece, first, end, output, cancellationToken))
                {
                    return false;
                }

                start += part.Size;
            }
        }

        return true;
    }

    private async ValueTask<bool> AppendAsync(StoredObject source, StoredPiece piece, long from, long to, Output output, CancellationToken cancellationToken)
    {
        if ((from, to) == (0, piece.Size) || !await IsBareAsync(Extent.Slice(piece.Extents, from, to - from), cancellationToken))
        {
            return await ReadAsync(source, piece, from, to, from, to, output, sums: null, cancellationToken);
        }

        // A part of bare data cannot be verified by itself.
        if (piece.Extents is not [var run])
        {
            return await ReadAsync(source, piece, 0, piece.Size, from, to, output, sums: null, cancellationToken);
        }

        if (_sums.Find(run) is { } known)
        {
            return await ReadKnownAsync(source, piece, known, from, to, output, cancellationToken);
        }

        SemaphoreSlim turn = _turns[run.Blob.Directory % _turns.Length];
        await turn.WaitAsync(cancellationToken);
        try
        {
            if (_sums.Find(run) is null)
            {
                var sums = new BlockChecksummer(piece.Size);
                bool isThere = await ReadAsync(source, piece, 0, piece.Size, from, to, output, sums, cancellationToken);
                if (isThere)
                {
                    _sums.Add(run, sums);
                }

                return isThere;
            }
        }
        finally
        {
            turn.Release();
        }

        return await AppendAsync(source, piece, from, to, output, cancellationToken);
    }

    private async ValueTask<bool> IsBareAsync(List<Extent> extents, CancellationToken cancellationToken)
    {
        foreach (Extent extent in extents)
        {
            if (extent.Stored == 0 && await blobs.IsBareAsync(extent.Blob, cancellationToken))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Reads a run of a piece and feeds a part of it to the hashers. All of the piece is compared with its digest; less must have checksums of its own.</summary>
    private async ValueTask<bool> ReadAsync(
        StoredObject source, StoredPiece piece, long from, long to, long takenFrom, long takenTo, Output output, BlockChecksummer? sums, CancellationToken cancellationToken)
    {
        bool isWhole = (from, to) == (0, piece.Size);
        using KnownDigest known = piece.Known;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            long at = from;
            foreach (Extent extent in Extent.Slice(piece.Extents, from, to - from))
            {
                await using CheckedBlob? blob = await OpenAsync(source, extent, cancellationToken);
                if (blob is null)
                {
                    return false;
                }

                if (!blob.IsVerified && !(isWhole && known.IsKnown))
                {
                    throw new IOException($"No record knows a digest of the data of blob {extent.Blob}, which has no checksums: no new one can be made of it.");
                }

                for (long offset = extent.Offset; offset < extent.End;)
                {
                    Memory<byte> bytes = buffer.AsMemory(0, (int)Math.Min(BufferSize, extent.End - offset));
                    bytes = bytes[..await ReadSomeAsync(blob, offset, bytes, cancellationToken)];
                    if (isWhole)
                    {
                        known.Append(bytes.Span);
                    }

                    sums?.Append(bytes.Span);
                    output.Append(bytes.Span, at, takenFrom, takenTo);
                    at += bytes.Length;
                    offset += bytes.Length;
                }
            }

            if (isWhole && !known.Matches())
            {
                throw await MismatchAsync(source, piece, cancellationToken);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        if (isWhole)
        {
            await SoundAsync(piece);
        }

        return true;
    }

    /// <summary>Reads blocks of which the checksums are known, since all of the data was compared before.</summary>
    private async ValueTask<bool> ReadKnownAsync(
        StoredObject source, StoredPiece piece, byte[] sums, long from, long to, Output output, CancellationToken cancellationToken)
    {
        Extent run = piece.Extents[0];
        await using CheckedBlob? blob = await OpenAsync(source, run, cancellationToken);
        if (blob is null)
        {
            return false;
        }

        byte[] buffer = ArrayPool<byte>.Shared.Rent(BlobLayout.BlockSize);
        try
        {
            for (long block = from >> BlobLayout.BlockSizeLog2; block << BlobLayout.BlockSizeLog2 < to; block++)
            {
                long start = block << BlobLayout.BlockSizeLog2;
                Memory<byte> bytes = buffer.AsMemory(0, (int)Math.Min(BlobLayout.BlockSize, run.Length - start));
                for (int filled = 0; filled < bytes.Length;)
                {
                    filled += await ReadSomeAsync(blob, run.Offset + start + filled, bytes[filled..], cancellationToken);
                }

                if (!BareSums.Matches(sums, block, bytes.Span))
                {
                    throw await MismatchAsync(source, piece, cancellationToken);
                }

                output.Append(bytes.Span, start, from, to);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return true;
    }

    private async ValueTask<CheckedBlob?> OpenAsync(StoredObject source, Extent extent, CancellationToken cancellationToken)
    {
        if (await blobs.OpenAsync(extent.Blob, extent.End, extent.Stored, new ObjectDamage(damage, source), always: true, cancellationToken) is { } blob)
        {
            return blob;
        }

        var report = new DamageReport(damage, DataHolder.Of(source));
        return await report.IsReplacedAsync() ? null : throw await report.ReportAsync(CheckedBlobs.Missing(extent.Blob));
    }

    private static async ValueTask<int> ReadSomeAsync(CheckedBlob blob, long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        int count = await blob.ReadAsync(offset, buffer, cancellationToken);
        return count > 0 ? count : throw new IOException("An object is longer than the data it refers to.");
    }

    /// <summary>Looks again at data that does not match, around the page cache, and reports it unless it is right there.</summary>
    private async ValueTask<Exception> MismatchAsync(StoredObject source, StoredPiece piece, CancellationToken cancellationToken)
    {
        using KnownDigest known = piece.Known;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            foreach (Extent extent in piece.Extents)
            {
                await using CheckedBlob blob = await OpenAsync(source, extent, cancellationToken) ?? throw new IOException("The object was replaced while it was read.");
                blob.DropCached(extent.Offset, extent.Length);
                for (long offset = extent.Offset; offset < extent.End;)
                {
                    int count = await ReadSomeAsync(blob, offset, buffer.AsMemory(0, (int)Math.Min(BufferSize, extent.End - offset)), cancellationToken);
                    known.Append(buffer.AsSpan(0, count));
                    offset += count;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        if (known.Matches())
        {
            BlobReadErrors.Count();
            return new IOException("Stored data did not match its checksum, and did when it was read once more.");
        }

        // Where a part consists of several runs, which of them is damaged is not known.
        (Id128 data, long offset, long length) where = piece.Extents is [var only] ? (only.Blob.Value, only.Offset, only.Length)
            : source.Record.Data is ObjectData.Manifest manifest ? (manifest.Id, 0, long.MaxValue)
            : (piece.Extents[0].Blob.Value, 0, long.MaxValue);
        return await new ObjectDamage(damage, source).ReportAsync(
            new DamagedDataException(DamageKind.Checksum, where.data, $"The data {where.data} does not match the checksum in the record of the object or part.")
            {
                Offset = where.offset, Length = where.length,
            });
    }

    /// <summary>Takes data off the list of damage that was found to be right as a whole: of bare data nothing else can tell.</summary>
    private async ValueTask SoundAsync(StoredPiece piece)
    {
        foreach (Extent extent in damage.Count == 0 ? [] : piece.Extents)
        {
            if (damage.Find(extent.Blob.Value) is { } known && extent.Offset <= known.Range.Offset && known.Range.End <= extent.End)
            {
                await damage.DropIfAsync(extent.Blob.Value, known);
            }
        }
    }

    /// <summary>The hashers, and how many bytes they were fed.</summary>
    private sealed class Output(StreamHasher[] hashers)
    {
        public long Count { get; private set; }

        /// <summary>Feeds what of some bytes at an offset is in a range.</summary>
        public void Append(ReadOnlySpan<byte> bytes, long offset, long from, long to)
        {
            int skipped = (int)Math.Clamp(from - offset, 0, bytes.Length);
            Append(bytes[skipped..(int)Math.Clamp(to - offset, skipped, bytes.Length)]);
        }

        public void Append(ReadOnlySpan<byte> bytes)
        {
            foreach (StreamHasher hasher in hashers)
            {
                hasher.Append(bytes);
            }

            Count += bytes.Length;
        }
    }
}
