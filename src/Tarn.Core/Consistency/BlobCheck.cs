using System.Buffers;
using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.Hashing;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Objects.Reading;
using Tarn.Core.Records;

namespace Tarn.Core.Consistency;

/// <summary>What is wrong with a piece of data.</summary>
internal readonly record struct DataProblem(FindingKind Kind, string Detail);

/// <summary>Checks the bytes of blobs and of small objects.</summary>
internal sealed class BlobCheck(CheckRun run)
{
    private const int BufferSize = 1 << 20;

    /// <summary>What is wrong with the bytes of a small object; null when nothing is.</summary>
    public async ValueTask<DataProblem?> InlineProblemAsync(Id128 id, Holder holder, byte[] value, CancellationToken cancellationToken)
    {
        bool isSealed = holder.Stored > 0;
        long expected = isSealed ? holder.Stored : holder.End;
        if (value.Length != expected)
        {
            return new DataProblem(FindingKind.WrongLength, $"The row of the small object has {value.Length} bytes instead of {expected}.");
        }

        if (isSealed && !InlineSeal.Matches(id, value))
        {
            return new DataProblem(FindingKind.Damaged, "The row of the small object does not match its checksum.");
        }

        if (!run.Options.ReadsData || (await run.GetAsync(holder.Row, cancellationToken)).Value is not { } row)
        {
            return null;
        }

        try
        {
            ObjectRecord record = Rows.Decode(holder.Row, row, ObjectRecord.Decode);
            using var known = KnownDigest.Of(record.Checksum, record.ETag);
            known.Append(value.AsSpan(0, (int)holder.End));
            return known.Matches() ? null : new DataProblem(FindingKind.Damaged, "The bytes of the small object are not those that its record describes.");
        }
        catch (Exception e) when (run.IsFinding(e))
        {
            return new DataProblem(FindingKind.Unreadable, $"The small object cannot be checked: {e.Message}");
        }
    }

    /// <summary>What is wrong with a blob that rows refer to; null when nothing is.</summary>
    public async ValueTask<DataProblem?> ProblemAsync(BlobInfo info, Piece piece, CancellationToken cancellationToken)
    {
        // What a server would refuse to read.
        if (CheckedBlobs.LengthDamage(info.Id, info.Length, info.IsBare, info.TailAt, piece.End, piece.Stored) is { } wrong)
        {
            return new DataProblem(FindingKind.WrongLength, wrong.Message);
        }

        if (!run.Options.ReadsData)
        {
            return null;
        }

        try
        {
            await using IBlobReader? reader = await run.Blobs.OpenAsync(info.Id, cancellationToken);
            return reader is null ? new DataProblem(FindingKind.Missing, "The blob is missing.")
                : reader.IsBare ? await BareProblemAsync(reader, piece, cancellationToken)
                : await SealedProblemAsync(info.Id, reader, piece, cancellationToken);
        }
        catch (Exception e) when (run.IsFinding(e))
        {
            return new DataProblem(FindingKind.Unreadable, $"The blob cannot be read: {e.Message}");
        }
    }

    /// <summary>Looks a blob up that was not listed: what it is, or else why it cannot be found.</summary>
    public async ValueTask<(BlobInfo? Info, DataProblem? Problem)> FindAsync(BlobId id, CancellationToken cancellationToken)
    {
        try
        {
            BlobInfo? info = await run.Blobs.FindAsync(id, cancellationToken);
            return (info, info is null ? await MissingAsync(id, cancellationToken) : null);
        }
        catch (Exception e) when (run.IsFinding(e))
        {
            run.Summary = run.Summary with { IsIncomplete = true };
            return (null, new DataProblem(FindingKind.Unreadable, $"The blob cannot be found: {e.Message}"));
        }
    }

    private async ValueTask<DataProblem> MissingAsync(BlobId id, CancellationToken cancellationToken)
    {
        await using IBlobReader? aside = run.Blobs is ISetAsideStore store ? await store.OpenAsideAsync(id, cancellationToken) : null;
        return new DataProblem(
            FindingKind.Missing,
            aside is null ? "The blob is missing." : "The blob is missing. It is among those that were set aside: the next scrub of a running server brings it back.");
    }

    /// <summary>Verifies a blob by its own checksums, and compares these with what the records know of it.</summary>
    private async ValueTask<DataProblem?> SealedProblemAsync(BlobId id, IBlobReader reader, Piece piece, CancellationToken cancellationToken)
    {
        var blob = new WholeBlob(id, reader, run.AddBytes);
        (BlobEnd? end, DataProblem? problem) = await blob.ReadEndAsync(cancellationToken);
        problem ??= await blob.PayloadProblemAsync(end!, cancellationToken) ?? FooterProblem(end!);
        if (problem is not null)
        {
            return problem;
        }

        // Copies know the same of the blob that they share.
        var compared = new HashSet<Known>();
        foreach (Holder holder in piece.Holders)
        {
            if (await KnownAsync(holder, cancellationToken) is { } known && known.Length == end!.Trailer.PayloadLength && compared.Add(known) && !Agrees(known, end))
            {
                return new DataProblem(FindingKind.Inconsistent, "The blob is intact, but its checksum is not that of the record which refers to it.");
            }
        }

        run.Summary = run.Summary with { VerifiedBlobs = run.Summary.VerifiedBlobs + 1 };
        return null;
    }

    private static DataProblem? FooterProblem(BlobEnd end)
    {
        try
        {
            BlobFooter.Decode(end.Footer);
            return null;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Its checksum is right, so it is not damaged: a newer build may have written it.
            return new DataProblem(FindingKind.Unreadable, $"The footer of the blob cannot be decoded: {e.Message}");
        }
    }

    private static bool Agrees(Known known, BlobEnd end)
    {
        if (known.Checksum is { Type: ChecksumType.FullObject, Algorithm: ChecksumAlgorithm.Crc64Nvme } checksum)
        {
            return Crc.Crc64Nvme.Read(checksum.Value) == end.Trailer.PayloadCrc;
        }

        return known.ETag.Parts != 0 || known.ETag == ETag.FromMd5(BlobFooter.Decode(end.Footer).Md5);
    }

    /// <summary>Compares a blob that has no checksums of its own with what records know of it. It is verified if they know all that is held of it.</summary>
    private async ValueTask<DataProblem?> BareProblemAsync(IBlobReader reader, Piece piece, CancellationToken cancellationToken)
    {
        var compared = new HashSet<Known>();
        foreach (Holder holder in piece.Holders)
        {
            if (await KnownAsync(holder, cancellationToken) is not { } known || compared.Contains(known))
            {
                continue;
            }

            using var expected = KnownDigest.Of(known.Checksum, known.ETag);
            if (!expected.IsKnown)
            {
                continue;
            }

            compared.Add(known);
            long read = await ReadAsync(reader, known, expected, cancellationToken);
            if (read < known.Length)
            {
                return new DataProblem(FindingKind.WrongLength, $"The blob ends after {known.Offset + read} bytes.");
            }

            if (!expected.Matches())
            {
                return new DataProblem(FindingKind.Damaged, "The bytes of the blob are not those that were stored.");
            }
        }

        run.Summary = Covers(compared, piece)
            ? run.Summary with { VerifiedBlobs = run.Summary.VerifiedBlobs + 1 }
            : run.Summary with { UnverifiableBlobs = run.Summary.UnverifiableBlobs + 1 };
        return null;
    }

    /// <summary>Whether every byte that is held is in a range that was compared.</summary>
    private static bool Covers(IEnumerable<Known> compared, Piece piece)
    {
        var ranges = new List<(long Start, long End)>();
        foreach (Known known in compared.OrderBy(static known => known.Offset))
        {
            if (ranges.Count > 0 && known.Offset <= ranges[^1].End)
            {
                ranges[^1] = (ranges[^1].Start, Math.Max(ranges[^1].End, known.Offset + known.Length));
            }
            else
            {
                ranges.Add((known.Offset, known.Offset + known.Length));
            }
        }

        return piece.Holders.Select(static holder => (holder.Start, holder.End)).Distinct()
            .All(held => ranges.Exists(range => range.Start <= held.Start && held.End <= range.End));
    }

    private async ValueTask<long> ReadAsync(IBlobReader reader, Known known, KnownDigest expected, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            long done = 0;
            while (done < known.Length)
            {
                int read = await reader.ReadAsync(known.Offset + done, buffer.AsMemory(0, (int)Math.Min(BufferSize, known.Length - done)), cancellationToken);
                if (read == 0)
                {
                    break;
                }

                expected.Append(buffer.AsSpan(0, read));
                done += read;
                run.AddBytes(read);
            }

            return done;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>What a holder's record knows of the bytes, if they are all that it holds; null when it holds others as well.</summary>
    private async ValueTask<Known?> KnownAsync(Holder holder, CancellationToken cancellationToken)
    {
        if ((await run.GetAsync(holder.Row, cancellationToken)).Value is not { } value)
        {
            return null;
        }

        if (holder.Row[0] is Tables.Part or Tables.Manifest)
        {
            PartRecord? part = holder.Row[0] == Tables.Part
                ? Rows.Decode(holder.Row, value, PartRecord.Decode)
                : Rows.Decode(holder.Row, value, ManifestChunk.Decode).Find(part => part.Number == holder.Part);
            return part is { Extents: [var only] } ? new Known(only.Offset, only.Length, part.Checksum, part.ETag) : null;
        }

        ObjectRecord record = Rows.Decode(holder.Row, value, ObjectRecord.Decode);
        return record.Data is ObjectData.Extents { List: [var extent] } ? new Known(extent.Offset, extent.Length, record.Checksum, record.ETag) : null;
    }

    private readonly record struct Known(long Offset, long Length, Checksum? Checksum, ETag ETag);
}
