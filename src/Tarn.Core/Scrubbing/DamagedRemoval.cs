using Tarn.Core.Blobs.Layout;
using Tarn.Core.Buckets;
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
    private readonly ManifestReader _manifests;
    private readonly InlineRows _inline;
    private readonly DamageList _damage;
    private readonly DamageRecheck _recheck;
    private readonly DataOwnership _ownership;

    internal DamagedRemoval(
        IKeyValueStore store, KeyTransaction keys, OptimisticTransaction transactions, MultipartUploads uploads, ObjectReader reader, DamageList damage, DamageRecheck recheck,
        DataOwnership ownership)
    {
        _store = store;
        _keys = keys;
        _transactions = transactions;
        _uploads = uploads;
        _reader = reader;
        _manifests = new ManifestReader(store, damage);
        _inline = new InlineRows(store, damage);
        _damage = damage;
        _recheck = recheck;
        _ownership = ownership;
    }

    /// <summary>Deletes one version of an object, if it is still damaged.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key.</param>
    /// <param name="version">"null" or a version id's text.</param>
    /// <param name="cancellationToken">Cancels the operation until the commit is submitted.</param>
    /// <exception cref="Errors.S3Exception">NoSuchBucket; OperationAborted; SlowDown.</exception>
    /// <exception cref="RecordFormatException">The version's row does not decode, and the bucket may have others of the key.</exception>
    public async ValueTask<DropOutcome> DropAsync(Bucket bucket, ObjectKey key, string version, CancellationToken cancellationToken)
    {
        await _damage.LoadAsync(cancellationToken);
        if (bucket.Versioning == VersioningState.Never && version == VersionId.Null && await TryDropUnreadableAsync(bucket, key, cancellationToken))
        {
            return DropOutcome.Dropped;
        }

        DropOutcome outcome = await _keys.RunAsync(
            bucket,
            key,
            async change =>
            {
                if (await _reader.FindAsync(change.Bucket, key, version, cancellationToken) is not { IsDeleteMarker: false } found)
                {
                    return Decision.Done(DropOutcome.NotFound);
                }

                if (!await IsDamagedAsync(found, change.Batch, cancellationToken))
                {
                    return Decision.Done(DropOutcome.NotDamaged);
                }

                await change.ReadAsync(cancellationToken);
                change.Batch.AsRemoval();
                ObjectRecord? record = await change.RemoveAsync(version, static _ => { }, cancellationToken);
                bool isSame = record is not null && DataOf(record.Data) == DataOf(found.Record.Data);

                // Another version of that name may have taken the place since it was found damaged.
                return isSame ? change.Commit(DropOutcome.Dropped) : Decision.Stale<DropOutcome>();
            },
            cancellationToken);
        return await ForgetAsync(outcome, cancellationToken);
    }

    /// <summary>Deletes one part of an upload in progress, if it is still damaged: the client can upload it again.</summary>
    /// <exception cref="Errors.S3Exception">SlowDown.</exception>
    public async ValueTask<DropOutcome> DropPartAsync(Bucket bucket, ObjectKey key, UploadId id, int part, CancellationToken cancellationToken)
    {
        await _damage.LoadAsync(cancellationToken);
        byte[] row = Tables.PartKey(id, part);
        DropOutcome outcome = await _transactions.RunAsync(
            row,
            async _ =>
            {
                if (await _uploads.FindAsync(bucket, key, id, cancellationToken) is not { } upload || await _store.GetAsync(row, cancellationToken) is not { } value)
                {
                    return Decision.Done(DropOutcome.NotFound);
                }

                KeyValueBatch batch = upload.Guard(new KeyValueBatch().AsRemoval()).Check(row, value).Delete(row);
                if (!TryDecode(row, value, out PartRecord? record))
                {
                    // What it refers to is not known: scrubbing sets that aside.
                    return Decision.Commit(batch, DropOutcome.Dropped);
                }

                if (!await AreDamagedAsync(record.Extents, cancellationToken))
                {
                    return Decision.Done(DropOutcome.NotDamaged);
                }

                _ownership.Release(batch, record.Extents);
                return Decision.Commit(batch, DropOutcome.Dropped);
            },
            cancellationToken);
        return await ForgetAsync(outcome, cancellationToken);
    }

    /// <summary>Deletes a row that does not decode where it is the only one of its key. What it refers to is not known: scrubbing sets that aside.</summary>
    private async ValueTask<bool> TryDropUnreadableAsync(Bucket bucket, ObjectKey key, CancellationToken cancellationToken)
    {
        byte[] row = Tables.CurrentKey(bucket.Id, key.Utf8);
        return await _store.GetAsync(row, cancellationToken) is { } value
            && !Decodes(row, value)
            && await _keys.TryAsync(batch => bucket.Guard(batch).AsRemoval().Check(row, value).Delete(row), cancellationToken);
    }

    private async ValueTask<bool> IsDamagedAsync(StoredObject found, KeyValueBatch batch, CancellationToken cancellationToken)
    {
        switch (found.Record.Data)
        {
            case ObjectData.Inline row:
                return await IsDamagedAsync(found, row, cancellationToken);
            case ObjectData.Extents extents:
                return await AreDamagedAsync(extents.List, cancellationToken);
            case ObjectData.Manifest manifest:
                return await IsDamagedAsync(manifest, batch, cancellationToken);
            default:
                return false;
        }
    }

    private async ValueTask<bool> IsDamagedAsync(StoredObject found, ObjectData.Inline row, CancellationToken cancellationToken)
    {
        try
        {
            return await _inline.ReadAsync(found, row, verify: true, cancellationToken) is null;
        }
        catch (DamagedDataException)
        {
            return true;
        }
    }

    /// <summary>Looks at all rows of a manifest. Those that do not decode are deleted with the object, if no other has them: nobody could do it later.</summary>
    private async ValueTask<bool> IsDamagedAsync(ObjectData.Manifest manifest, KeyValueBatch batch, CancellationToken cancellationToken)
    {
        bool isDamaged = false;
        for (int chunk = 0; chunk < manifest.ChunkStarts.Count; chunk++)
        {
            byte[] row = Tables.ManifestKey(manifest.Id, chunk);
            byte[]? value = await _store.GetAsync(row, cancellationToken);
            List<PartRecord>? parts = null;
            try
            {
                parts = value is null ? null : Rows.Decode(row, value, ManifestChunk.Decode);
            }
            catch (RecordFormatException)
            {
                if (!await HasOtherHolderAsync(manifest, cancellationToken))
                {
                    batch.Check(row, value).Delete(row);
                }
            }

            isDamaged |= parts is null || await AreDamagedAsync([.. parts.SelectMany(static part => part.Extents)], cancellationToken);
        }

        return isDamaged;
    }

    private async ValueTask<bool> HasOtherHolderAsync(ObjectData.Manifest manifest, CancellationToken cancellationToken)
    {
        byte[] prefix = Tables.BlobReferencePrefix(manifest.Id), own = Tables.BlobReferenceKey(manifest.Id, manifest.Reference);
        return (await _store.ScanAsync(prefix, KeyCodec.PrefixEnd(prefix), 2, reverse: false, cancellationToken)).Any(row => !row.Key.AsSpan().SequenceEqual(own));
    }

    private async ValueTask<bool> AreDamagedAsync(IReadOnlyList<Extent> extents, CancellationToken cancellationToken)
    {
        foreach (Extent extent in extents)
        {
            if (_damage.Contains(extent.Blob.Value, extent.Offset, extent.Length)
                && !await _recheck.IsSoundAsync(extent.Blob, extent.End, extent.Stored, canStat: true, long.MaxValue, cancellationToken))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Takes what was dropped off the list of damage: a listing leaves out, and forgets, what is gone and what nobody shares.</summary>
    private async ValueTask<DropOutcome> ForgetAsync(DropOutcome outcome, CancellationToken cancellationToken)
    {
        if (outcome == DropOutcome.Dropped)
        {
            await foreach (DamagedObject _ in _damage.ListAsync(cancellationToken))
            {
            }
        }

        return outcome;
    }

    private static Id128 DataOf(ObjectData data) => data switch
    {
        ObjectData.Inline inline => inline.Row,
        ObjectData.Extents extents => extents.List[0].Blob.Value,
        ObjectData.Manifest manifest => manifest.Id,
        _ => default,
    };

    private static bool Decodes(byte[] row, byte[] value)
    {
        try
        {
            Rows.Decode(row, value, ObjectRecord.Decode);
            return true;
        }
        catch (RecordFormatException)
        {
            return false;
        }
    }

    private static bool TryDecode(byte[] row, byte[] value, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out PartRecord? part)
    {
        try
        {
            part = Rows.Decode(row, value, PartRecord.Decode);
            return true;
        }
        catch (RecordFormatException)
        {
            part = null;
            return false;
        }
    }
}
