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
/// The first half of a pass: walks the rows of objects, versions and uploads, and reads the data that each refers to. Rows move while they are walked: what moves behind the
/// walk is read in the next pass. A row that cannot be read is read again, and then counted and passed over.
/// </summary>
internal sealed class DataScrub(
    IKeyValueStore store, ObjectReader reader, ManifestReader manifests, DamageList damage, BlobScrub blobs, ScrubProgress progress, ScrubPace pace,
    ScrubOptions options, TimeProvider clock)
{
    /// <summary>So many rows of small objects count as one read of the device: the metadata store reads them in blocks.</summary>
    private const int InlinePerRead = 8;

    private static readonly byte[] Walked = [Tables.Current, Tables.History, Tables.Upload];

    private readonly DamageRows _names = new(store);
    private readonly RowPages _pages = new(store, progress, pace, options, clock);
    private int _inline;
    private bool _isAgain;
    private (ulong Id, string Name)? _bucket;

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
                (IReadOnlyList<KeyValueEntry> rows, byte[]? next) = await _pages.ReadAsync(from, [(byte)(table + 1)], cancellationToken);
                foreach (KeyValueEntry row in rows)
                {
                    await ScrubAsync(row.Key, cancellationToken);
                    progress.Passed([.. row.Key, 0]);
                    await progress.SaveIfDueAsync(cancellationToken);
                }

                if (next is null)
                {
                    break;
                }

                from = next;
            }
        }
    }

    private async ValueTask ScrubAsync(byte[] row, CancellationToken cancellationToken)
    {
        if (!progress.State.Position.AsSpan().SequenceEqual(row))
        {
            // What was done of a row is nothing to another one, which is met first after an interruption in which it went away.
            progress.Passed(row);
        }

        await TryAsync(row, () => ScrubOnceAsync(row, cancellationToken), cancellationToken);
    }

    /// <summary>Reads a row and its data, several times if need be; what cannot be read then is counted.</summary>
    private async ValueTask TryAsync(byte[] row, Func<ValueTask> read, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            _isAgain = attempt > 1;
            try
            {
                await read();
                return;
            }
            catch (Exception e) when (e is RecordFormatException or InvalidDataException)
            {
                progress.Failed(e.Message);
                return;
            }
            catch (Exception e) when (BlobScrub.IsUnreadable(e))
            {
                if (attempt == BlobScrub.Attempts)
                {
                    progress.Failed($"The row of {Tables.Describe(row)} or what it refers to cannot be read: {e.Message}");
                    return;
                }
            }
            finally
            {
                _isAgain = false;
            }

            await Task.Delay(options.RetryDelay, clock, cancellationToken);
        }
    }

    private async ValueTask ScrubOnceAsync(byte[] row, CancellationToken cancellationToken)
    {
        // Read again: the page may have been read hours ago.
        if (await store.GetAsync(row, cancellationToken) is not { } value)
        {
            return;
        }

        ulong bucketId = Tables.BucketOf(row);
        string bucket = await NameAsync(bucketId, cancellationToken);
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
            await UploadAsync(new UploadId(Id128.Read(rest.Raw(Id128.Size))), key, (bucketId, bucket), Upload(row, value), row, cancellationToken);
        }
    }

    /// <summary>The name of a bucket; empty when it cannot be known, which matters for messages, and for a blob that would have to say it of itself.</summary>
    private async ValueTask<string> NameAsync(ulong bucketId, CancellationToken cancellationToken)
    {
        // Rows of one bucket follow each other, and one that is not found is looked for among all.
        if (_bucket is { } bucket && bucket.Id == bucketId)
        {
            return bucket.Name;
        }

        try
        {
            _bucket = (bucketId, await _names.NameAsync(bucketId, cancellationToken) ?? "");
            return _bucket.Value.Name;
        }
        catch (IOException e)
        {
            progress.Failed($"The rows of buckets cannot be read: {e.Message}");
            return "";
        }
    }

    /// <summary>The record of an upload; null when it does not decode, which is counted: its parts can be read without it.</summary>
    private UploadRecord? Upload(byte[] row, byte[] value)
    {
        try
        {
            return Rows.Decode(row, value, UploadRecord.Decode);
        }
        catch (RecordFormatException e)
        {
            progress.Failed(e.Message);
            return null;
        }
    }

    private async ValueTask ObjectAsync(StoredObject found, string bucket, CancellationToken cancellationToken)
    {
        ObjectRecord record = found.Record;
        if (record.IsDeleteMarker)
        {
            return;
        }

        if (progress.State.DoneInRow is not null && progress.State.DoneOf != (record.Data as ObjectData.Manifest)?.Id)
        {
            // The object is another one than the one that was begun.
            progress.Passed(found.Row);
        }

        if (progress.State.DoneInRow is null && !_isAgain)
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
        await pace.WaitAsync(found.Size, _inline++ % InlinePerRead == 0 ? 1 : 0, cancellationToken);
        try
        {
            if (await reader.InlineBytesAsync(found, row, cancellationToken) is null)
            {
                await reader.ThrowIfDataLostAsync(found, cancellationToken);
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
        bool isShared = await store.HasReferenceAsync(manifest.Id, cancellationToken);
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
                        progress.PassedInRow(found.Row, manifest.Id, extent.Blob.Value);
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

            // Of a kind that is over once the row can be read: there are no bytes to compare.
            await new ObjectDamage(damage, found).ReportAsync(new DamagedDataException(DamageKind.Length, manifest.Id, e.Message));
            return null;
        }
        catch (IOException e) when (e.InnerException is DamagedDataException)
        {
            // The object was replaced meanwhile.
            return [];
        }
    }

    private async ValueTask UploadAsync(
        UploadId upload, ObjectKey key, (ulong Id, string Name) bucket, UploadRecord? record, byte[] row, CancellationToken cancellationToken)
    {
        Id128? done = progress.State.DoneInRow;
        byte[] from = Tables.PartPrefix(upload.Value), end = KeyCodec.PrefixEnd(from);
        var parts = new List<KeyValueEntry>();
        for (byte[]? next = from; next is not null;)
        {
            (IReadOnlyList<KeyValueEntry> page, next) = await _pages.ReadAsync(next, end, cancellationToken);
            parts.AddRange(page);
        }

        bool skips = done is not null && parts.Exists(entry => HasBlob(entry, done.Value));
        foreach (KeyValueEntry entry in parts)
        {
            bool isDone = skips;
            skips = skips && !HasBlob(entry, done!.Value);
            if (!isDone)
            {
                await TryAsync(entry.Key, () => PartAsync(upload, key, bucket, record, entry.Key, row, cancellationToken), cancellationToken);
            }
        }
    }

    private async ValueTask PartAsync(
        UploadId upload, ObjectKey key, (ulong Id, string Name) bucket, UploadRecord? record, byte[] place, byte[] row, CancellationToken cancellationToken)
    {
        if (await store.GetAsync(place, cancellationToken) is not { } value)
        {
            return;
        }

        PartRecord part = Rows.Decode(place, value, PartRecord.Decode);
        progress.Count(counts => counts with { Objects = counts.Objects + (_isAgain ? 0 : 1) });
        DataHolder holder = DataHolder.Of(bucket.Id, key, upload, part, place, value);
        foreach (Extent extent in part.Extents)
        {
            BlobFooter? footer = record is null ? null : new BlobFooter
            {
                BucketId = bucket.Id, BucketName = bucket.Name, Key = key, OwnerId = record.OwnerId, Metadata = record.Metadata, Written = (ulong)part.LastModified * 1000,
                Md5 = part.ETag.ToMd5(), Checksum = part.Checksum, Upload = upload, PartNumber = part.Number,
            };
            await blobs.VerifyAsync(
                new HeldData(holder, extent, IsShared: false, bucket.Name) { Known = part.Extents.Count == 1 ? new KnownBytes(part.Checksum, part.ETag, footer) : null }, cancellationToken);
            progress.PassedInRow(row, upload.Value, extent.Blob.Value);
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
        BucketId = Tables.BucketOf(found.Row), BucketName = bucket, Key = found.Key, OwnerId = found.OwnerId, Metadata = found.Metadata,
        Written = found.Record.EffectiveOrder.Sequence, Md5 = found.ETag.ToMd5(), Checksum = found.Checksum,
    };

    /// <summary>Whether a part has a blob; false for one that does not decode, which is read, and counted, in any case.</summary>
    private static bool HasBlob(KeyValueEntry part, Id128 data)
    {
        try
        {
            return Rows.Decode(part.Key, part.Value, PartRecord.Decode).Extents.Any(extent => extent.Blob.Value == data);
        }
        catch (RecordFormatException)
        {
            return false;
        }
    }
}
