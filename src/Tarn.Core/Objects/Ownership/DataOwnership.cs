using Tarn.Core.Counts;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Records;

namespace Tarn.Core.Objects.Ownership;

/// <summary>
/// Tracks which objects and parts hold which data. Every holder of a blob or manifest either wrote it (reference 0) or shares it (a
/// reference row of its own); the first sharing also writes the writer's row. A holder that is removed leaves a reclaim row, and the
/// reclaim worker removes the data once no reference row is left. A share commits only while its source still exists, so
/// data without a holder never gets a new one.
/// </summary>
internal sealed class DataOwnership(TimeProvider clock, IRandomSource random, TimeSpan grace)
{
    /// <summary>How long a repeated abort of an upload succeeds.</summary>
    public static readonly TimeSpan AbortMemory = TimeSpan.FromDays(1);

    /// <summary>Now, in the unit of reclaim rows.</summary>
    public long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Releases one holder's data.</summary>
    public void Release(KeyValueBatch batch, ObjectData data)
    {
        switch (data)
        {
            case ObjectData.Inline inline:
                batch.Delete(Tables.InlineDataKey(inline.Row));
                break;
            case ObjectData.Extents extents:
                Release(batch, extents.List);
                break;
            case ObjectData.Manifest manifest:
                Release(batch, ReclaimKind.Manifest, manifest.Id, manifest.Reference);
                break;
        }
    }

    /// <summary>Releases one holder's runs of blobs.</summary>
    public void Release(KeyValueBatch batch, IEnumerable<Extent> extents)
    {
        foreach (Extent extent in extents)
        {
            Release(batch, ReclaimKind.Blob, extent.Blob.Value, extent.Reference);
        }
    }

    /// <summary>Releases, without another grace period, the runs of a holder that was itself released a grace period ago: its readers have finished.</summary>
    public void ReleaseAtOnce(KeyValueBatch batch, IEnumerable<Extent> extents)
    {
        foreach (Extent extent in extents)
        {
            Release(batch, ReclaimKind.Blob, extent.Blob.Value, extent.Reference, Now);
        }
    }

    /// <summary>Makes a new holder of what <paramref name="source"/> holds; the batch must also guard the source.</summary>
    public List<Extent> Share(KeyValueBatch batch, IEnumerable<Extent> source)
    {
        var shared = new List<Extent>();
        foreach (Extent extent in source)
        {
            shared.Add(extent with { Reference = Share(batch, extent.Blob.Value, extent.Reference) });
        }

        return shared;
    }

    /// <summary>Makes a new holder of a manifest; the batch must also guard the source.</summary>
    public ObjectData.Manifest Share(KeyValueBatch batch, ObjectData.Manifest source) =>
        source with { Reference = Share(batch, source.Id, source.Reference) };

    /// <summary>Leaves an ended upload's parts to the reclaim worker without a grace period, since nobody reads parts.</summary>
    /// <param name="batch">The batch that removes the upload.</param>
    /// <param name="bucketId">The upload's bucket.</param>
    /// <param name="upload">The upload.</param>
    public void EndUpload(KeyValueBatch batch, ulong bucketId, UploadId upload)
    {
        (-BucketCounts.Upload).AddTo(batch, bucketId);
        batch.Put(Tables.ReclaimKey(Now, upload.Value), new ReclaimRecord(ReclaimKind.Upload, upload.Value, bucketId).Encode());
    }

    /// <summary>Records for <see cref="AbortMemory"/> that an upload was aborted.</summary>
    /// <param name="batch">The batch that removes the upload.</param>
    /// <param name="upload">The upload.</param>
    /// <param name="row">The key of the upload's row.</param>
    public void RememberAbort(KeyValueBatch batch, UploadId upload, byte[] row) => batch
        .Put(Tables.AbortedUploadKey(upload.Value), row)
        .Put(Tables.ReclaimKey(Now + (long)AbortMemory.TotalMilliseconds, upload.Value), new ReclaimRecord(ReclaimKind.AbortedUpload, upload.Value).Encode());

    private void Release(KeyValueBatch batch, ReclaimKind kind, Id128 id, ulong reference) =>
        Release(batch, kind, id, reference, Now + (long)grace.TotalMilliseconds);

    private static void Release(KeyValueBatch batch, ReclaimKind kind, Id128 id, ulong reference, long due) => batch
        .Delete(Tables.BlobReferenceKey(id, reference))
        .Put(Tables.ReclaimKey(due, id), new ReclaimRecord(kind, id).Encode());

    private ulong Share(KeyValueBatch batch, Id128 id, ulong sourceReference)
    {
        ulong reference;
        do
        {
            reference = random.NextUInt64();
        }
        while (reference == 0);

        batch.Put(Tables.BlobReferenceKey(id, sourceReference), []).Put(Tables.BlobReferenceKey(id, reference), []);
        return reference;
    }
}
