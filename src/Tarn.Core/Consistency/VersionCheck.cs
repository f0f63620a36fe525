using Tarn.Core.Buckets;
using Tarn.Core.Hashing;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Records;

namespace Tarn.Core.Consistency;

/// <summary>Checks the rows of objects: the versions of each key, and what each record says of its own data.</summary>
internal sealed class VersionCheck(CheckRun run)
{
    /// <summary>What is wrong with the extents of a part; null when nothing is.</summary>
    public static string? Problem(PartRecord part) => Problem($"Part {part.Number}", part.Size, part.Extents);

    public async ValueTask CheckAsync(KeyValueEntry row, CancellationToken cancellationToken)
    {
        if (!RowKeys.TrySplit(row.Key, out ulong id, out byte[] key))
        {
            await ReportAsync(row, "The key does not have the components of a version's.");
            return;
        }

        if (!run.Buckets.TryGetValue(id, out (string Name, BucketRecord Record) bucket))
        {
            if (!run.Unread.Contains(Tables.Bucket))
            {
                await ReportAsync(row, "It is in a bucket that does not exist.");
            }
        }
        else if (row.Key[0] != Tables.Current && bucket.Record.Versioning == VersioningState.Never)
        {
            await ReportAsync(row, "Its bucket has never kept versions.");
        }

        if (row.Key[0] == Tables.NullVersion)
        {
            await CheckNullAsync(row, id, key, cancellationToken);
            return;
        }

        ObjectRecord record = Rows.Decode(row.Key, row.Value, ObjectRecord.Decode);
        await CheckPlaceAsync(row, record, id, key, bucket.Record?.Versioning ?? VersioningState.Never, cancellationToken);
        await CheckDataAsync(row, record, cancellationToken);
    }

    private async ValueTask CheckPlaceAsync(
        KeyValueEntry row, ObjectRecord record, ulong bucket, byte[] key, VersioningState versioning, CancellationToken cancellationToken)
    {
        if (row.Key[0] == Tables.History)
        {
            await CheckOlderAsync(row, record, bucket, key, cancellationToken);
            return;
        }

        if (record.IsDeleteMarker != (row.Key[0] == Tables.Marker))
        {
            await ReportAsync(row, record.IsDeleteMarker ? "It is a delete marker among the current objects." : "It is an object among the delete markers.");
        }

        if (versioning == VersioningState.Never)
        {
            return;
        }

        if (row.Key[0] == Tables.Current && (await run.GetAsync(Tables.MarkerKey(bucket, key), cancellationToken)).Value is not null)
        {
            await ReportAsync(row, "A delete marker of the key is the newest version too.");
        }

        if (record.IsNull && (await run.GetAsync(Tables.NullVersionKey(bucket, key), cancellationToken)).Value is not null)
        {
            await ReportAsync(row, "The newest version is the null version, and so is an older one.");
        }
    }

    private async ValueTask CheckOlderAsync(KeyValueEntry row, ObjectRecord record, ulong bucket, byte[] key, CancellationToken cancellationToken)
    {
        if (!Tables.HistoryKey(bucket, key, record.EffectiveOrder).AsSpan().SequenceEqual(row.Key))
        {
            await ReportAsync(row, $"The record is that of version {record.EffectiveOrder}.");
        }

        NeededRow found = await run.GetAsync(Tables.CurrentKey(bucket, key), cancellationToken);
        found = found.IsAbsent ? await run.GetAsync(Tables.MarkerKey(bucket, key), cancellationToken) : found;
        if (found.IsAbsent)
        {
            await ReportAsync(row, "It is an older version of a key that has no newest version.");
        }
        else if (found.Value is { } newest
            && RowDecoders.Problem(new KeyValueEntry(Tables.CurrentKey(bucket, key), newest)) is null
            && Rows.Decode(Tables.CurrentKey(bucket, key), newest, ObjectRecord.Decode).EffectiveOrder <= record.EffectiveOrder)
        {
            await ReportAsync(row, "It is not older than the newest version of its key.");
        }

        if (!record.IsNull)
        {
            return;
        }

        NeededRow leads = await run.GetAsync(Tables.NullVersionKey(bucket, key), cancellationToken);
        if (!leads.IsUnreadable && !leads.Value.AsSpan().SequenceEqual(record.EffectiveOrder.ToArray()))
        {
            await ReportAsync(row, "It is the null version, but the row that leads to it is missing or leads to another.");
        }
    }

    private async ValueTask CheckNullAsync(KeyValueEntry row, ulong bucket, byte[] key, CancellationToken cancellationToken)
    {
        byte[] place = Tables.HistoryKey(bucket, key, VersionId.Read(row.Value));
        NeededRow found = await run.GetAsync(place, cancellationToken);
        if (found.IsAbsent
            || (found.Value is { } value && RowDecoders.Problem(new KeyValueEntry(place, value)) is null && !Rows.Decode(place, value, ObjectRecord.Decode).IsNull))
        {
            await ReportAsync(row, "It leads to a version that does not exist, or is not the null version.");
        }
    }

    private async ValueTask CheckDataAsync(KeyValueEntry row, ObjectRecord record, CancellationToken cancellationToken)
    {
        if (!record.IsDeleteMarker)
        {
            run.Summary = run.Summary with { Objects = run.Summary.Objects + 1, ObjectBytes = run.Summary.ObjectBytes + record.Size };
        }

        string? problem = null;
        switch (record.Data)
        {
            case ObjectData.Inline:
                run.AddMemory(row.Key, 1);
                break;
            case ObjectData.Extents extents:
                run.AddMemory(row.Key, extents.List.Count);
                problem = Problem("It", record.Size, extents.List);
                break;
            case ObjectData.Manifest manifest:
                run.AddMemory(row.Key, 1);
                problem = await ManifestProblemAsync(record, manifest, cancellationToken);
                break;
            default:
                problem = record.Size == 0 ? null : $"It has {record.Size} bytes, and no data.";
                break;
        }

        if (problem is not null)
        {
            await ReportAsync(row, problem);
        }
    }

    /// <summary>What is wrong with a multipart object; null when nothing is, or rows are missing, which is found where data is compared.</summary>
    private async ValueTask<string?> ManifestProblemAsync(ObjectRecord record, ObjectData.Manifest manifest, CancellationToken cancellationToken)
    {
        var parts = new List<PartRecord>();
        Int128 offset = 0; // Sizes in damaged rows may be of any size.
        for (int chunk = 0; chunk < manifest.ChunkStarts.Count; chunk++)
        {
            byte[] row = Tables.ManifestKey(manifest.Id, chunk);
            if ((await run.GetAsync(row, cancellationToken)).Value is not { } value || RowDecoders.Problem(new KeyValueEntry(row, value)) is not null)
            {
                return null;
            }

            if (manifest.ChunkStarts[chunk] != offset)
            {
                return $"Row {chunk} of its manifest begins at byte {offset}, not at {manifest.ChunkStarts[chunk]}.";
            }

            List<PartRecord> next = Rows.Decode(row, value, ManifestChunk.Decode);
            if (chunk + 1 < manifest.ChunkStarts.Count && next.Count != ManifestChunk.Capacity)
            {
                return $"Row {chunk} of its manifest has {next.Count} parts instead of {ManifestChunk.Capacity}.";
            }

            parts.AddRange(next);
            offset += next.Aggregate((Int128)0, static (sum, part) => sum + part.Size);
        }

        return offset != record.Size ? $"It has {record.Size} bytes, its parts {offset}."
            : parts.Zip(parts.Skip(1)).Any(static pair => pair.First.Number >= pair.Second.Number) ? "Its parts are not in order."
            : record.ETag.Parts != parts.Count ? $"Its ETag is that of {record.ETag.Parts} parts; it has {parts.Count}."
            : record.ETag != ETag.FromMd5(MultipartETag.Compute(parts.Select(static part => part.ETag.ToMd5())), parts.Count) ? "Its ETag is not that of its parts."
            : ChecksumProblem(record.Checksum, parts);
    }

    private static string? ChecksumProblem(Checksum? checksum, List<PartRecord> parts)
    {
        // A copy may have a checksum of another algorithm than its parts.
        Checksum? expected = checksum is null ? null : PartChecksums.Combine(checksum.Algorithm, checksum.Type, parts);
        return expected is null || expected.Value.AsSpan().SequenceEqual(checksum!.Value) ? null : "Its checksum is not that of its parts.";
    }

    private static string? Problem(string what, long size, IReadOnlyList<Extent> extents)
    {
        long sum = 0;
        foreach (Extent extent in extents)
        {
            if (extent.Offset > long.MaxValue - extent.Length || extent.Length > long.MaxValue - sum)
            {
                return $"{what} refers to {extent.Length} bytes at {extent.Offset} of blob {extent.Blob}, which no blob has.";
            }

            sum += extent.Length;
        }

        return sum == size ? null : $"{what} has {size} bytes, and refers to {sum} bytes of blobs.";
    }

    private ValueTask ReportAsync(KeyValueEntry row, string problem) => run.ReportAsync(FindingKind.Inconsistent, row.Key, problem);
}
