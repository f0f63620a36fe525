using System.Security.Cryptography;
using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.Hashing;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Records;

namespace Tarn.Core.Consistency;

/// <summary>
/// Makes objects of the parts of multipart uploads. The parts are first noted in the new store, in the rows of parts, where they are in order; an upload becomes an object when
/// it has every part from the first to the last.
/// </summary>
internal sealed class RebuiltUploads(IKeyValueStore rows, IBlobStore source, RebuiltObjects objects, Func<Finding, ValueTask> report)
{
    private const int Page = 1000;

    /// <summary>While parts are only noted: the reference of the data of a part that is damaged.</summary>
    private const ulong Damaged = 1;

    /// <summary>Notes a part. Of two parts with one number, the later one counts, even if it is damaged and the other is not.</summary>
    public async ValueTask AddAsync(RebuiltBlob blob, bool isDamaged, CancellationToken cancellationToken)
    {
        byte[] row = Tables.PartKey(blob.Footer.Upload!.Value, blob.Footer.PartNumber);
        PartRecord part = new()
        {
            Number = blob.Footer.PartNumber,
            Size = blob.Size,
            LastModified = (long)blob.Footer.Written, // In microseconds while it is noted.
            ETag = ETag.FromMd5(blob.Footer.Md5),
            Checksum = blob.Footer.Checksum,
            Extents = [blob.Extent with { Reference = isDamaged ? Damaged : 0 }],
        };
        if (await rows.GetAsync(row, cancellationToken) is { } bytes)
        {
            PartRecord other = Rows.Decode(row, bytes, PartRecord.Decode);
            BlobId known = other.Extents[0].Blob;
            bool isLater = known == blob.Id || IsLater(part, other);
            PartRecord older = isLater ? other : part;
            if (known != blob.Id && !IsDamaged(older))
            {
                await report(Describe(blob.Footer, older.Extents[0].Blob, "The part was uploaded again later."));
            }

            if (!isLater)
            {
                return;
            }
        }

        await rows.CommitAsync(new KeyValueBatch().Put(row, part.Encode()), cancellationToken);
    }

    /// <summary>Makes an object of each upload that is whole.</summary>
    public async ValueTask AssembleAsync(CancellationToken cancellationToken)
    {
        byte[] from = [Tables.Part];
        while (true)
        {
            IReadOnlyList<KeyValueEntry> first = await rows.ScanAsync(from, [Tables.Part + 1], 1, reverse: false, cancellationToken);
            if (first.Count == 0)
            {
                break;
            }

            var upload = new UploadId(RowKeys.IdOf(first[0].Key));
            List<KeyValueEntry> noted = await PartsAsync(upload, cancellationToken);
            List<PartRecord> parts = noted.ConvertAll(row => Rows.Decode(row.Key, row.Value, PartRecord.Decode));
            try
            {
                await AssembleAsync(upload, parts, cancellationToken);
            }
            catch (SourceUnreadableException e)
            {
                foreach (PartRecord part in parts.Where(static part => !IsDamaged(part)))
                {
                    await report(new Finding(FindingKind.Unreadable, $"A part of the upload cannot be read: {e.Message}")
                    {
                        Data = part.Extents[0].Blob.ToString(), Upload = upload.ToString(), Part = part.Number,
                    });
                }
            }

            from = KeyCodec.PrefixEnd(Tables.PartPrefix(upload.Value));
        }

        // Not before the objects are there: a rebuild that is cut off makes them again of the parts that are noted.
        await objects.FlushAsync(cancellationToken);
        while (await rows.ScanAsync([Tables.Part], [Tables.Part + 1], Page, reverse: false, cancellationToken) is { Count: > 0 } noted)
        {
            KeyValueBatch batch = new KeyValueBatch().AsRemoval();
            foreach (KeyValueEntry part in noted)
            {
                batch.Delete(part.Key);
            }

            await rows.CommitAsync(batch, cancellationToken);
        }
    }

    private async ValueTask<List<KeyValueEntry>> PartsAsync(UploadId upload, CancellationToken cancellationToken)
    {
        var parts = new List<KeyValueEntry>();
        byte[] prefix = Tables.PartPrefix(upload.Value);
        await foreach (KeyValueEntry row in rows.AllAsync(prefix, KeyCodec.PrefixEnd(prefix), Page, cancellationToken))
        {
            parts.Add(row);
        }

        return parts;
    }

    private async ValueTask AssembleAsync(UploadId upload, List<PartRecord> parts, CancellationToken cancellationToken)
    {
        BlobFooter footer = await FooterAsync(parts[0].Extents[0].Blob, cancellationToken);
        string? why =
            parts.Find(IsDamaged) is { } damaged ? $"Part {damaged.Number} of the upload is damaged."
            : parts[0].Number != 1 || parts[^1].Number != parts.Count ? $"Of the upload's parts 1 to {parts[^1].Number}, {parts.Count} are there."
            : null;
        if (why is not null)
        {
            await ReportAsync(footer, parts, why);
            return;
        }

        // By the last part, which is nearest to when the object came to be: what was stored before the upload's end is older, and what was stored after it is newer.
        var place = new VersionId((ulong)parts.Max(static part => part.LastModified), upload.Value.Low & ~VersionId.WrittenLater);
        parts = parts.ConvertAll(static part => part with { LastModified = RebuiltBlob.Seconds((ulong)part.LastModified) });
        Id128 id = ManifestOf(upload);
        (List<long> starts, List<byte[]> chunks) = ManifestChunk.Divide(parts);
        if (await IsMadeOtherwiseAsync(id, chunks, cancellationToken))
        {
            await ReportAsync(footer, parts, "Before the rebuild was interrupted it made an object of other parts of the upload, some of which it could not read: rebuild into a new directory.");
            return;
        }

        ObjectRecord record = new()
        {
            Size = parts.Sum(static part => part.Size),
            LastModified = RebuiltBlob.Seconds(place.Sequence),
            ETag = ETag.FromMd5(MultipartETag.Compute(parts.Select(static part => part.ETag.ToMd5())), parts.Count),
            OwnerId = "",
            Metadata = footer.Metadata,

            // What type the upload asked for is not known.
            Checksum = parts[0].Checksum is { } first ? PartChecksums.Combine(first.Algorithm, ChecksumType.FullObject, parts) : null,
            Data = new ObjectData.Manifest(id, 0, starts),
            Upload = upload,
        };
        await objects.AddAsync(
            footer,
            place,
            record,
            [.. parts.SelectMany(static part => part.Extents).Select(static extent => extent.Blob)],
            change =>
            {
                for (int chunk = 0; chunk < chunks.Count; chunk++)
                {
                    change.Batch.Put(Tables.ManifestKey(id, chunk), chunks[chunk]);
                }
            },
            cancellationToken);
        await report(new Finding(FindingKind.Assembled, $"It was made of parts 1 to {parts.Count}; whether the upload had more, or was completed, is not known.")
        {
            Bucket = footer.BucketName, Key = footer.Key.ToString(), Upload = upload.ToString(),
        });
    }

    private async ValueTask ReportAsync(BlobFooter footer, List<PartRecord> parts, string why)
    {
        foreach (PartRecord part in parts.Where(static part => !IsDamaged(part)))
        {
            await report(Describe(footer with { PartNumber = part.Number }, part.Extents[0].Blob, why));
        }
    }

    /// <summary>Whether an object of the upload is there already, but of other parts. Two would share the manifest and the blobs without saying so.</summary>
    private async ValueTask<bool> IsMadeOtherwiseAsync(Id128 manifest, List<byte[]> chunks, CancellationToken cancellationToken)
    {
        if (await rows.GetAsync(Tables.ManifestKey(manifest, 0), cancellationToken) is null)
        {
            return false;
        }

        for (int chunk = 0; chunk <= chunks.Count; chunk++)
        {
            byte[]? made = await rows.GetAsync(Tables.ManifestKey(manifest, chunk), cancellationToken);
            if (!made.AsSpan().SequenceEqual(chunk < chunks.Count ? chunks[chunk] : null))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The manifest of an upload's object: the same whenever the rebuild is repeated, and like a random one, because a check divides ids by their first bytes.</summary>
    private static Id128 ManifestOf(UploadId upload)
    {
        Span<byte> bytes = stackalloc byte[Id128.Size];
        upload.Value.Write(bytes);
        return Id128.Read(SHA256.HashData(bytes));
    }

    private static bool IsDamaged(PartRecord part) => part.Extents[0].Reference == Damaged;

    private static bool IsLater(PartRecord part, PartRecord other) => part.LastModified != other.LastModified
        ? part.LastModified > other.LastModified
        : string.CompareOrdinal(part.Extents[0].Blob.ToString(), other.Extents[0].Blob.ToString()) > 0;

    private async ValueTask<BlobFooter> FooterAsync(BlobId id, CancellationToken cancellationToken)
    {
        await using IBlobReader reader = await BlobTransfer.OpenAsync(source, id, cancellationToken);
        try
        {
            (BlobEnd? end, _) = await new WholeBlob(id, reader, static _ => { }).ReadEndAsync(cancellationToken);
            return end is null ? throw new SourceUnreadableException($"The blob {id} became damaged while it was read.") : BlobFooter.Decode(end.Footer);
        }
        catch (Exception e) when (e is (IOException or UnauthorizedAccessException) and not SourceUnreadableException)
        {
            throw new SourceUnreadableException($"The blob cannot be read: {e.Message}", e);
        }
    }

    private static Finding Describe(BlobFooter footer, BlobId blob, string why) =>
        RebuiltBlob.Describe(new Finding(FindingKind.Unplaced, why) { Data = blob.ToString() }, new RebuiltBlob(blob, 0, 0, footer));
}
