using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.Hashing;
using Tarn.Core.Objects.Integrity;
using Tarn.Core.Objects.Ownership;

namespace Tarn.Core.Objects.Reading;

/// <summary>
/// Reads stored bytes to make new digests of them, which would make damage look sound. So every byte is verified: by the checksum of its block or, where the data is bare, by
/// what a record knows of all of it. docs/design/blobs.md
/// </summary>
internal sealed class ContentHashing(PieceReader reader, BareRanges ranges, ManifestReader manifests, InlineRows rows, DamageList damage)
{
    /// <summary>Feeds a range of an object to every hasher; returns false when the object was replaced and its bytes are gone.</summary>
    /// <exception cref="DamagedDataException">The bytes are not what was stored, or others of which the record knows one digest are not.</exception>
    public async ValueTask<bool> AppendAsync(StoredObject source, long offset, long length, StreamHasher[] hashers, CancellationToken cancellationToken)
    {
        // What is found to be right leaves the list, which must be known for that.
        await damage.LoadAsync(cancellationToken);
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
                var whole = new StoredPiece(0, extents.List, source.Size, source.Checksum, source.ETag);
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
                var piece = new StoredPiece(start, part.Extents, part.Size, part.Checksum, part.ETag);
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
        List<Extent> extents = Extent.Slice(piece.Extents, from, to - from);
        if (!await reader.IsBareAsync(extents, cancellationToken))
        {
            return await reader.ReadAsync(source, extents, canBeBare: false, again: false, Take, cancellationToken);
        }

        return (from, to) == (0, piece.Size)
            ? await CompareAsync(source, piece, output, cancellationToken)
            : await ranges.ReadAsync(source, piece, from, to, (bytes, at) => output.Append(bytes, at, from, to), cancellationToken);

        bool Take(ReadOnlySpan<byte> bytes)
        {
            output.Append(bytes);
            return true;
        }
    }

    /// <summary>Reads all of a piece that has no checksums, and compares it with what its record knows.</summary>
    private async ValueTask<bool> CompareAsync(StoredObject source, StoredPiece piece, Output output, CancellationToken cancellationToken)
    {
        long before = reader.Met;
        using (KnownDigest known = piece.Known)
        {
            if (!known.IsKnown)
            {
                throw PieceReader.Unknown(piece.Extents[0]);
            }

            if (!await ReadAsync(known, again: false, output))
            {
                return false;
            }

            if (known.Matches())
            {
                await reader.SoundAsync(source, piece.Extents, piece.Start, before, cancellationToken);
                return true;
            }
        }

        // It may be in memory only that they are wrong, and the new digests are of those bytes.
        using KnownDigest second = piece.Known;
        if (!await ReadAsync(second, again: true, output: null))
        {
            return false;
        }

        if (!second.Matches())
        {
            throw await reader.DamagedAsync(source, piece.Extents, piece.Start);
        }

        BlobReadErrors.Count();
        throw new IOException("Stored data did not match its checksum, and did when it was read once more.");

        ValueTask<bool> ReadAsync(KnownDigest known, bool again, Output? output) => reader.ReadAsync(
            source,
            piece.Extents,
            canBeBare: true,
            again,
            bytes =>
            {
                known.Append(bytes);
                output?.Append(bytes);
                return true;
            },
            cancellationToken);
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
