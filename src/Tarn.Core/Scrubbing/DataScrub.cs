using System.Buffers.Binary;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Integrity;
using Tarn.Core.Objects.Multipart;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Objects.Reading;
using Tarn.Core.Records;

namespace Tarn.Core.Scrubbing;

/// <summary>
/// The first half of a pass: walks the rows of objects, versions and uploads, and reads the data that each refers to. Rows move while they are walked: one that was replaced
/// since it was read is left out, since the data of the new one is younger than the pass or is met further on.
/// </summary>
internal sealed class DataScrub(
    IKeyValueStore store, ObjectReader reader, ManifestReader manifests, InlineRows inline, DamageList damage, BlobScrub blobs, ScrubProgress progress, ScrubPace pace,
    ScrubOptions options)
{
    private static readonly byte[] Walked = [Tables.Current, Tables.History, Tables.Upload];

    private readonly DamageRows _names = new(store);

    /// <summary>Walks from where the state says to the end.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await damage.LoadAsync(cancellationToken);
        byte[] from = progress.State.Position is { Length: > 0 } position ? position : [Walked[0]];
        foreach (byte table in Walked)
        {
            if (table < from[0])
            {
                continue;
            }

            from = from[0] < table ? [table] : from;
            while (true)
            {
                IReadOnlyList<KeyValueEntry> rows = await store.ScanAsync(from, [(byte)(table + 1)], options.Page, reverse: false, cancellationToken);
                foreach (KeyValueEntry row in rows)
                {
                    await ScrubAsync(row.Key, cancellationToken);
                    progress.Passed([.. row.Key, 0]);
                    await progress.SaveIfDueAsync(cancellationToken);
                }

                if (rows.Count < options.Page)
                {
                    break;
                }

                from = [.. rows[^1].Key, 0];
            }
        }
    }

    private async ValueTask ScrubAsync(byte[] row, CancellationToken cancellationToken)
    {
        // Read again: the page may have been read hours ago.
        if (await store.GetAsync(row, cancellationToken) is not { } value)
        {
            return;
        }

        try
        {
            ulong bucketId = BinaryPrimitives.ReadUInt64BigEndian(row.AsSpan(1));
            string bucket = await _names.NameAsync(bucketId, cancellationToken) ?? "";
            if (row[0] == Tables.Current)
            {
                await ObjectAsync(new StoredObject(ObjectKey.FromUtf8(row[Tables.CurrentPrefixLength..]), row, value), bucket, cancellationToken);
                return;
            }

            KeyReader rest = KeyCodec.Read(row.AsSpan(Tables.CurrentPrefixLength));
            ObjectKey key = ObjectKey.FromUtf8(rest.Terminated());
            if (row[0] == Tables.History)
            {
                await ObjectAsync(new StoredObject(key, row, value), bucket, cancellationToken);
            }
            else
            {
                await UploadAsync(new UploadId(Id128.Read(rest.Raw(Id128.Size))), key, (bucketId, bucket), Rows.Decode(row, value, UploadRecord.Decode), row, cancellationToken);
            }
        }
        catch (Exception e) when (e is RecordFormatException or InvalidDataException)
        {
            progress.Failed(e.Message);
        }
    }

    private async ValueTask ObjectAsync(StoredObject found, string bucket, CancellationToken cancellationToken)
    {
        ObjectRecord record = found.Record;
        if (record.IsDeleteMarker)
        {
            return;
        }

        if (progress.State.DoneInRow is null)
        {
            progress.Count(static counts => counts with { Objects = counts.Objects + 1 });
        }

        switch (record.Data)
        {
            case ObjectData.Inline row:
                await InlineAsync(found, row, cancellationToken);
                break;
            case ObjectData.Extents { List: [var only] }:
                var held = new HeldData(DataHolder.Of(found), only, IsShared: false, bucket) { Known = new KnownBytes(record.Checksum, record.ETag, Footer(found, bucket)) };
                await blobs.VerifyAsync(held, cancellationToken);
                break;
            case ObjectData.Extents extents:
                foreach (Extent extent in extents.List)
                {
                    await blobs.VerifyAsync(new HeldData(DataHolder.Of(found), extent, IsShared: false, bucket), cancellationToken);
                }

                break;
            case ObjectData.Manifest manifest:
                await ManifestAsync(found, manifest, bucket, cancellationToken);
                break;
        }
    }

    private async ValueTask InlineAsync(StoredObject found, ObjectData.Inline row, CancellationToken cancellationToken)
    {
        // Rows are read along with others, from files that the metadata store reads in blocks.
        await pace.WaitAsync(found.Size, 0, cancellationToken);
        try
        {
            KnownDamage? known = damage.Find(row.Row);
            if (await inline.ReadAsync(found, row, verify: true, cancellationToken) is null)
            {
                await reader.ThrowIfDataLostAsync(found, cancellationToken);
            }
            else if (known is { } over)
            {
                await damage.DropIfAsync(row.Row, over);
            }

            progress.Count(counts => counts with { Bytes = counts.Bytes + found.Size });
        }
        catch (DamagedDataException)
        {
            progress.Count(static counts => counts with { Damaged = counts.Damaged + 1 });
        }
    }

    private async ValueTask ManifestAsync(StoredObject found, ObjectData.Manifest manifest, string bucket, CancellationToken cancellationToken)
    {
        KnownDamage? known = damage.Find(manifest.Id);
        bool isShared = await blobs.HasReferenceAsync(manifest.Id, cancellationToken);
        DataHolder holder = DataHolder.Of(found);
        Id128? done = progress.State.DoneInRow;
        bool isWhole = true;
        bool skips = done is not null;
        for (int chunk = 0; chunk < manifest.ChunkStarts.Count; chunk++)
        {
            List<PartRecord>? parts = await ChunkAsync(found, manifest, chunk, cancellationToken);
            if (parts is null)
            {
                progress.Count(counts => counts with { Damaged = counts.Damaged + (isWhole ? 1 : 0) });
                isWhole = false;
                continue;
            }

            foreach (PartRecord part in parts)
            {
                foreach (Extent extent in part.Extents)
                {
                    // What a pass that was cut off has done of this object. Blobs that parts share may be read once more.
                    bool isDone = skips;
                    skips &= extent.Blob.Value != done;
                    if (!isDone)
                    {
                        await blobs.VerifyAsync(Held(found, holder, part, extent, isShared, bucket, manifest), cancellationToken);
                        progress.PassedInRow(found.Row, extent.Blob.Value);
                        await progress.SaveIfDueAsync(cancellationToken);
                    }
                }
            }
        }

        if (skips)
        {
            // The object is another one than the one that was begun.
            progress.Passed(found.Row);
            await ManifestAsync(found, manifest, bucket, cancellationToken);
        }
        else if (isWhole && known is { NeedsRead: false } over)
        {
            await damage.DropIfAsync(manifest.Id, over);
        }
    }

    /// <summary>A row of a manifest; null when it is damaged, which is on the list then, or went away with its object.</summary>
    private async ValueTask<List<PartRecord>?> ChunkAsync(StoredObject found, ObjectData.Manifest manifest, int chunk, CancellationToken cancellationToken)
    {
        try
        {
            return await manifests.ChunkAsync(found, manifest, chunk, cancellationToken);
        }
        catch (DamagedDataException e)
        {
            progress.Failed(e.Message);
            return null;
        }
        catch (RecordFormatException e)
        {
            progress.Failed(e.Message);
            await new ObjectDamage(damage, found).ReportAsync(new DamagedDataException(DamageKind.Checksum, manifest.Id, e.Message));
            return null;
        }
        catch (IOException e) when (e.InnerException is DamagedDataException)
        {
            // The object was replaced meanwhile.
            return [];
        }
    }

    private async ValueTask UploadAsync(
        UploadId upload, ObjectKey key, (ulong Id, string Name) bucket, UploadRecord record, byte[] row, CancellationToken cancellationToken)
    {
        Id128? done = progress.State.DoneInRow;
        byte[] from = Tables.PartPrefix(upload.Value), end = KeyCodec.PrefixEnd(from);
        var parts = new List<KeyValueEntry>();
        while (true)
        {
            IReadOnlyList<KeyValueEntry> page = await store.ScanAsync(from, end, options.Page, reverse: false, cancellationToken);
            parts.AddRange(page);
            if (page.Count < options.Page)
            {
                break;
            }

            from = [.. page[^1].Key, 0];
        }

        bool skips = done is not null && parts.Exists(entry => HasBlob(entry, done.Value));
        foreach (KeyValueEntry entry in parts)
        {
            bool isDone = skips;
            skips = skips && !HasBlob(entry, done!.Value);
            if (!isDone && await store.GetAsync(entry.Key, cancellationToken) is { } value)
            {
                await PartAsync(upload, key, bucket, record, new KeyValueEntry(entry.Key, value), row, cancellationToken);
            }
        }
    }

    private async ValueTask PartAsync(
        UploadId upload, ObjectKey key, (ulong Id, string Name) bucket, UploadRecord record, KeyValueEntry entry, byte[] row, CancellationToken cancellationToken)
    {
        PartRecord part = Rows.Decode(entry.Key, entry.Value, PartRecord.Decode);
        progress.Count(static counts => counts with { Objects = counts.Objects + 1 });
        DataHolder holder = DataHolder.Of(bucket.Id, key, upload, part, entry.Key, entry.Value);
        foreach (Extent extent in part.Extents)
        {
            var footer = new BlobFooter
            {
                BucketId = bucket.Id, BucketName = bucket.Name, Key = key, OwnerId = record.OwnerId, Metadata = record.Metadata, Written = (ulong)part.LastModified * 1000,
                Md5 = part.ETag.ToMd5(), Checksum = part.Checksum, Upload = upload, PartNumber = part.Number,
            };
            await blobs.VerifyAsync(
                new HeldData(holder, extent, IsShared: false, bucket.Name) { Known = part.Extents.Count == 1 ? new KnownBytes(part.Checksum, part.ETag, footer) : null }, cancellationToken);
            progress.PassedInRow(row, extent.Blob.Value);
            await progress.SaveIfDueAsync(cancellationToken);
        }
    }

    private static HeldData Held(
        StoredObject found, DataHolder holder, PartRecord part, Extent extent, bool isShared, string bucket, ObjectData.Manifest manifest)
    {
        BlobFooter footer = Footer(found, bucket) with
        {
            Md5 = part.ETag.ToMd5(), Checksum = part.Checksum, Upload = found.Record.Upload ?? new UploadId(manifest.Id), PartNumber = part.Number,
        };
        return new HeldData(holder, extent, isShared, bucket) { Known = part.Extents.Count == 1 ? new KnownBytes(part.Checksum, part.ETag, footer) : null };
    }

    private static BlobFooter Footer(StoredObject found, string bucket) => new()
    {
        BucketId = BinaryPrimitives.ReadUInt64BigEndian(found.Row.AsSpan(1)), BucketName = bucket, Key = found.Key, OwnerId = found.OwnerId, Metadata = found.Metadata,
        Written = found.Record.EffectiveOrder.Sequence, Md5 = found.ETag.ToMd5(), Checksum = found.Checksum,
    };

    private static bool HasBlob(KeyValueEntry part, Id128 data) =>
        Rows.Decode(part.Key, part.Value, PartRecord.Decode).Extents.Any(extent => extent.Blob.Value == data);
}
