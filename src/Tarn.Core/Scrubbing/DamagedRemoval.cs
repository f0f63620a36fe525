using Tarn.Core.Blobs.Layout;
using Tarn.Core.Buckets;
using Tarn.Core.Counts;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Integrity;
using Tarn.Core.Objects.Multipart;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Objects.Reading;
using Tarn.Core.Objects.Writing;
using Tarn.Core.Records;

namespace Tarn.Core.Scrubbing;

/// <summary>What came of an attempt to drop something damaged.</summary>
public enum DropOutcome
{
    /// <summary>It is deleted.</summary>
    Dropped,

    /// <summary>There is no such object, version or part.</summary>
    NotFound,

    /// <summary>It is there and not damaged, or not any more; it was left as it is.</summary>
    NotDamaged,
}

/// <summary>Deletes, by decision of an operator, objects and parts of which stored data is damaged; nothing else. A delete marker is never left.</summary>
public sealed class DamagedRemoval
{
    private readonly IKeyValueStore _store;
    private readonly KeyTransaction _keys;
    private readonly OptimisticTransaction _transactions;
    private readonly MultipartUploads _uploads;
    private readonly ObjectReader _reader;
    private readonly DamageList _damage;
    private readonly CheckedBlobs _blobs;
    private readonly DataOwnership _ownership;

    internal DamagedRemoval(
        IKeyValueStore store, KeyTransaction keys, OptimisticTransaction transactions, MultipartUploads uploads, ObjectReader reader, DamageList damage, CheckedBlobs blobs,
        DataOwnership ownership)
    {
        _store = store;
        _keys = keys;
        _transactions = transactions;
        _uploads = uploads;
        _reader = reader;
        _damage = damage;
        _blobs = blobs;
        _ownership = ownership;
    }

    /// <summary>Deletes one version of an object, if it is still damaged.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key.</param>
    /// <param name="version">"null" or a version id's text.</param>
    /// <param name="cancellationToken">Cancels the operation until the commit is submitted.</param>
    /// <exception cref="Errors.S3Exception">NoSuchBucket; OperationAborted; SlowDown.</exception>
    /// <exception cref="RecordFormatException">The version's row does not decode, and the bucket may have others of the key; or a newer build may have written it or a row of its manifest.</exception>
    public async ValueTask<DropOutcome> DropAsync(Bucket bucket, ObjectKey key, string version, CancellationToken cancellationToken)
    {
        await _damage.LoadAsync(cancellationToken);
        if (bucket.Versioning == VersioningState.Never && version == VersionId.Null && await TryDropUnreadableAsync(bucket, key, cancellationToken))
        {
            return DropOutcome.Dropped;
        }

        if (await _reader.FindAsync(bucket, key, version, cancellationToken) is not { IsDeleteMarker: false } found)
        {
            return DropOutcome.NotFound;
        }

        // Before the transaction: it may read all of the object, while nobody else waits for the key.
        var check = new DropCheck(_blobs, _damage);
        var unreadable = new List<KeyValueEntry>();
        if (!await IsDamagedAsync(found, check, unreadable, cancellationToken))
        {
            return DropOutcome.NotDamaged;
        }

        DropOutcome outcome = await _keys.RunAsync(
            bucket,
            key,
            async change =>
            {
                await change.ReadAsync(cancellationToken);
                change.Batch.AsRemoval();
                if (await change.RemoveAsync(version, static _ => { }, cancellationToken) is not { } record)
                {
                    return Decision.Done(DropOutcome.NotFound);
                }

                // Another version of that name may have taken the place since it was found damaged, or its data may be right by now.
                return IsSame(record.Data, found.Record.Data) && check.IsStillListed ? change.Commit(DropOutcome.Dropped) : Decision.Done(DropOutcome.NotDamaged);
            },
            cancellationToken);
        if (outcome == DropOutcome.Dropped)
        {
            await RemoveUnreadableAsync(unreadable, found.Record.Data);
            await ForgetAsync(check);
        }

        return outcome;
    }

    /// <summary>Deletes one part of an upload in progress, if it is still damaged: the client can upload it again.</summary>
    /// <exception cref="Errors.S3Exception">SlowDown.</exception>
    /// <exception cref="RecordFormatException">A newer build may have written the part's row.</exception>
    public async ValueTask<DropOutcome> DropPartAsync(Bucket bucket, ObjectKey key, UploadId id, int part, CancellationToken cancellationToken)
    {
        await _damage.LoadAsync(cancellationToken);
        byte[] row = Tables.PartKey(id, part);
        byte[]? damaged = null;
        var check = new DropCheck(_blobs, _damage);
        if (await _store.GetAsync(row, cancellationToken) is { } looked)
        {
            // Before the transaction, as above.
            damaged = Rows.TryDecode(row, looked, PartRecord.Decode) is not { } found || await IsDamagedAsync(found, check, whole: null, always: false, cancellationToken) ? looked : null;
        }

        DropOutcome outcome = await _transactions.RunAsync(
            row,
            async _ =>
            {
                if (await _uploads.FindAsync(bucket, key, id, cancellationToken) is not { } upload || await _store.GetAsync(row, cancellationToken) is not { } value)
                {
                    return Decision.Done(DropOutcome.NotFound);
                }

                if (damaged is null || !value.AsSpan().SequenceEqual(damaged) || !check.IsStillListed)
                {
                    return Decision.Done(DropOutcome.NotDamaged);
                }

                KeyValueBatch batch = upload.Guard(new KeyValueBatch().AsRemoval()).Check(row, value).Delete(row);
                if (Rows.TryDecode(row, value, PartRecord.Decode) is { } record)
                {
                    // What a row that does not decode refers to is not known: docs/design/scrub.md.
                    _ownership.Release(batch, record.Extents);
                    (-record.Counts).AddTo(batch, bucket.Id);
                }
                else
                {
                    RecountRecord.Demand(batch);
                }

                return Decision.Commit(batch, DropOutcome.Dropped);
            },
            cancellationToken);
        if (outcome == DropOutcome.Dropped)
        {
            await ForgetAsync(check);
        }

        return outcome;
    }

    /// <summary>Deletes a row that does not decode where it is the only one of its key. What it refers to is not known: docs/design/scrub.md.</summary>
    private async ValueTask<bool> TryDropUnreadableAsync(Bucket bucket, ObjectKey key, CancellationToken cancellationToken)
    {
        byte[] row = Tables.CurrentKey(bucket.Id, key.Utf8);
        return await _store.GetAsync(row, cancellationToken) is { } value
            && Rows.TryDecode(row, value, ObjectRecord.Decode) is null
            && await _keys.TryAsync(batch => RecountRecord.Demand(bucket.Guard(batch).AsRemoval().Check(row, value).Delete(row)), cancellationToken);
    }

    private async ValueTask<bool> IsDamagedAsync(StoredObject found, DropCheck check, List<KeyValueEntry> unreadable, CancellationToken cancellationToken)
    {
        switch (found.Record.Data)
        {
            case ObjectData.Inline row:
                check.IsListed(row.Row);
                return await IsDamagedAsync(found, row, cancellationToken);
            case ObjectData.Extents extents:
                using (var known = KnownDigest.Of(found))
                {
                    return await check.IsDamagedAsync(extents.List, known, whole: null, always: false, cancellationToken);
                }

            case ObjectData.Manifest manifest:
                return await IsDamagedAsync(found, manifest, check, unreadable, cancellationToken);
            default:
                return false;
        }
    }

    private static async ValueTask<bool> IsDamagedAsync(PartRecord part, DropCheck check, KnownDigest? whole, bool always, CancellationToken cancellationToken)
    {
        using var known = KnownDigest.Of(part.Checksum, part.ETag);
        return await check.IsDamagedAsync(part.Extents, known, whole, always, cancellationToken);
    }

    private async ValueTask<bool> IsDamagedAsync(StoredObject found, ObjectData.Inline row, CancellationToken cancellationToken)
    {
        try
        {
            return await _reader.InlineBytesAsync(found, row, cancellationToken) is null;
        }
        catch (DamagedDataException)
        {
            return true;
        }
    }

    /// <summary>Looks at all rows of a manifest, and at the parts that are on the list; at all of them if the manifest is, since then it is not known which part is damaged.</summary>
    /// <exception cref="RecordFormatException">A newer build may have written a row, which it can read.</exception>
    private async ValueTask<bool> IsDamagedAsync(
        StoredObject found, ObjectData.Manifest manifest, DropCheck check, List<KeyValueEntry> unreadable, CancellationToken cancellationToken)
    {
        bool isDamaged = false;
        bool all = check.IsListed(manifest.Id);
        using KnownDigest? whole = all ? KnownDigest.Of(found) : null;
        for (int chunk = 0; chunk < manifest.ChunkStarts.Count; chunk++)
        {
            byte[] row = Tables.ManifestKey(manifest.Id, chunk);
            if (await _store.GetAsync(row, cancellationToken) is not { } value)
            {
                isDamaged = true;
                continue;
            }

            try
            {
                foreach (PartRecord part in Rows.Decode(row, value, ManifestChunk.Decode))
                {
                    isDamaged |= await IsDamagedAsync(part, check, whole, all, cancellationToken);
                }
            }
            catch (RecordFormatException e) when (!e.IsNewer)
            {
                unreadable.Add(new KeyValueEntry(row, value));
                isDamaged = true;
            }
        }

        isDamaged |= whole is not null && !isDamaged && !whole.Matches();
        if (!isDamaged)
        {
            await check.RightAsync(manifest.Id);
        }

        return isDamaged;
    }

    /// <summary>
    /// Deletes the rows of a manifest that do not decode once no object has the manifest: what removes the others could not. The dropped object is gone, so none can get it any more.
    /// </summary>
    private async ValueTask RemoveUnreadableAsync(List<KeyValueEntry> rows, ObjectData data)
    {
        if (rows.Count == 0 || data is not ObjectData.Manifest manifest || await _store.HasReferenceAsync(manifest.Id, CancellationToken.None))
        {
            return;
        }

        KeyValueBatch batch = new KeyValueBatch().AsRemoval();
        foreach (KeyValueEntry row in rows)
        {
            batch.Check(row.Key, row.Value).Delete(row.Key);
        }

        await _store.CommitAsync(batch, CancellationToken.None);
    }

    /// <summary>Takes what was dropped off the list of damage: a listing leaves out, and forgets, what is gone and what nobody shares.</summary>
    private async ValueTask ForgetAsync(DropCheck check)
    {
        try
        {
            foreach (Id128 data in check.Listed)
            {
                byte[] id = Tables.DamagePrefix(data)[1..];
                await foreach ((byte[] place, _) in _damage.ListAsync(id, CancellationToken.None))
                {
                    if (!place.AsSpan().StartsWith(id))
                    {
                        break;
                    }
                }
            }
        }
        catch (Exception e) when (e is IOException or StoreFailedException)
        {
            // It is deleted, which is what was asked for. The next listing forgets it.
        }
    }

    private static bool IsSame(ObjectData one, ObjectData other) => (one, other) switch
    {
        (ObjectData.Inline left, ObjectData.Inline right) => left.Row == right.Row,
        (ObjectData.Extents left, ObjectData.Extents right) => left.List.SequenceEqual(right.List),
        (ObjectData.Manifest left, ObjectData.Manifest right) => (left.Id, left.Reference) == (right.Id, right.Reference),
        _ => false,
    };
}
