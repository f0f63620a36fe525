using System.Buffers.Binary;
using Tarn.Core.Blobs;
using Tarn.Core.Buckets;
using Tarn.Core.Counts;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Records;

namespace Tarn.Tests.Objects;

/// <summary>Reads both stores whole: everything referred to must be there, and, once drained, nothing else may be.</summary>
internal sealed class LeakCheck
{
    private readonly ILookup<byte, KeyValueEntry> _tables;
    private readonly Dictionary<Id128, long> _blobs;
    private readonly HashSet<(Id128 Id, ulong Reference)> _holds = [];
    private readonly HashSet<Id128> _inline = [];
    private readonly HashSet<Id128> _manifests = [];

    private LeakCheck(IEnumerable<KeyValueEntry> rows, Dictionary<Id128, long> blobs)
    {
        _tables = rows.ToLookup(row => row.Key[0]);
        _blobs = blobs;
    }

    public static async Task AssertAsync(IKeyValueStore store, IBlobStore blobs, bool drained)
    {
        IReadOnlyList<KeyValueEntry> rows = await store.ScanAsync([0], [0xFF], int.MaxValue, reverse: false, CancellationToken.None);
        var stored = new Dictionary<Id128, long>();
        await foreach (BlobInfo blob in blobs.ListAsync(CancellationToken.None))
        {
            stored.Add(blob.Id.Value, blob.Length);
        }

        new LeakCheck(rows, stored).Check(drained);
    }

    private void Check(bool drained)
    {
        var buckets = _tables[Tables.Bucket].Select(row => BucketRecord.Decode(row.Value).Id).ToHashSet();
        Assert.Equal(buckets.Count, _tables[Tables.BucketByOwner].Count());
        foreach (KeyValueEntry row in _tables[Tables.Current].Concat(_tables[Tables.Marker]).Concat(_tables[Tables.History]))
        {
            Assert.Contains(BucketOf(row), buckets);
            Visit(ObjectRecord.Decode(row.Value));
        }

        var uploads = _tables[Tables.Upload]
            .Where(row => buckets.Contains(BucketOf(row)))
            .Select(row => Tables.UploadOf(row.Key).Value).ToHashSet();
        foreach (KeyValueEntry row in _tables[Tables.Part].Where(row => uploads.Contains(IdOf(row))))
        {
            Hold(PartRecord.Decode(row.Value));
        }

        foreach (KeyValueEntry row in _tables[Tables.Manifest].Where(row => _manifests.Contains(IdOf(row))))
        {
            ManifestChunk.Decode(row.Value).ForEach(Hold);
        }

        var references = _tables[Tables.BlobReference]
            .Select(row => (IdOf(row), BinaryPrimitives.ReadUInt64BigEndian(row.Key.AsSpan(17)))).ToHashSet();
        foreach (IGrouping<Id128, (Id128 Id, ulong Reference)> holders in _holds.GroupBy(hold => hold.Id))
        {
            bool shared = holders.Count() > 1 || holders.First().Reference != 0;
            Assert.All(holders, hold => Assert.True(!shared || references.Contains(hold), $"No row for holder {hold.Reference} of {hold.Id}."));
        }

        Assert.Equal(Counts(), _tables[Tables.BucketCounts].ToDictionary(BucketOf, row => BucketCounts.Decode(row.Value)));
        Assert.Subset(_tables[Tables.InlineData].Select(IdOf).ToHashSet(), _inline);
        if (drained)
        {
            // What is announced for uploads to come has no bytes yet.
            Assert.DoesNotContain(_tables[Tables.Reclaim].Select(row => ReclaimRecord.Decode(row.Value)), row => row.Kind != ReclaimKind.PendingBlob || _blobs.ContainsKey(row.Id));
            Assert.Equal(_inline.Order(ById), _tables[Tables.InlineData].Select(IdOf));
            Assert.Equal(_manifests.Order(ById), _tables[Tables.Manifest].Select(IdOf).Distinct());
            Assert.Equal(uploads.Count, _tables[Tables.Upload].Count());
            Assert.Empty(_tables[Tables.AbortedUpload]);
            Assert.All(_tables[Tables.Part], row => Assert.Contains(IdOf(row), uploads));
            Assert.Subset(_holds, references);
            Assert.Subset(_holds.Select(hold => hold.Id).ToHashSet(), _blobs.Keys.ToHashSet());
        }
    }

    /// <summary>What the rows of each bucket that has any add up to.</summary>
    private Dictionary<ulong, BucketCounts> Counts()
    {
        var counts = new Dictionary<ulong, BucketCounts>();
        foreach (KeyValueEntry row in _tables[Tables.Current])
        {
            Add(BucketOf(row), new() { Objects = 1, Bytes = ObjectRecord.Decode(row.Value).Size });
        }

        foreach (KeyValueEntry row in _tables[Tables.Marker])
        {
            Add(BucketOf(row), new() { DeleteMarkers = 1 });
        }

        foreach (KeyValueEntry row in _tables[Tables.History])
        {
            ObjectRecord version = ObjectRecord.Decode(row.Value);
            Add(BucketOf(row), version.IsDeleteMarker ? new() { DeleteMarkers = 1 } : new() { NoncurrentVersions = 1, NoncurrentBytes = version.Size });
        }

        var uploads = _tables[Tables.Upload].ToDictionary(row => Tables.UploadOf(row.Key).Value, BucketOf);
        foreach (ulong bucket in uploads.Values)
        {
            Add(bucket, new() { Uploads = 1 });
        }

        foreach (ReclaimRecord ended in _tables[Tables.Reclaim].Select(row => ReclaimRecord.Decode(row.Value)).Where(record => record.Kind == ReclaimKind.Upload))
        {
            uploads[ended.Id] = ended.BucketId;
        }

        foreach (KeyValueEntry row in _tables[Tables.Part])
        {
            Add(uploads[IdOf(row)], new() { UploadBytes = PartRecord.Decode(row.Value).Size });
        }

        return counts;

        void Add(ulong bucket, BucketCounts added)
        {
            counts[bucket] = counts.GetValueOrDefault(bucket) + added;
            if (counts[bucket] == default)
            {
                counts.Remove(bucket);
            }
        }
    }

    private static ulong BucketOf(KeyValueEntry row) => Tables.BucketOf(row.Key);

    private static Comparer<Id128> ById => Comparer<Id128>.Create((x, y) => (x.High, x.Low).CompareTo((y.High, y.Low)));

    private static Id128 IdOf(KeyValueEntry row) => Id128.Read(row.Key.AsSpan(1));

    private void Visit(ObjectRecord record)
    {
        switch (record.Data)
        {
            case ObjectData.Inline inline:
                Assert.True(_inline.Add(inline.Row), "Two objects share an inline row.");
                break;
            case ObjectData.Extents extents:
                extents.List.ToList().ForEach(Hold);
                break;
            case ObjectData.Manifest manifest:
                Assert.True(_holds.Add((manifest.Id, manifest.Reference)), "Two holders of a manifest have one reference.");
                _manifests.Add(manifest.Id);
                for (int chunk = 0; chunk < manifest.ChunkStarts.Count; chunk++)
                {
                    byte[] row = Tables.ManifestKey(manifest.Id, chunk);
                    Assert.Contains(_tables[Tables.Manifest], entry => entry.Key.AsSpan().SequenceEqual(row));
                }

                break;
        }
    }

    private void Hold(PartRecord part) => part.Extents.ToList().ForEach(Hold);

    private void Hold(Extent extent)
    {
        Assert.True(_holds.Add((extent.Blob.Value, extent.Reference)), "Two holders of a blob have one reference.");
        Assert.True(_blobs.TryGetValue(extent.Blob.Value, out long length), $"Blob {extent.Blob} is missing.");
        Assert.InRange(extent.Offset + extent.Length, 0, length);
    }
}
