using System.Buffers.Binary;
using System.Text;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;

namespace Tarn.Core.Records;

/// <summary>
/// The one place that defines where each kind of row is in the key-value store.
/// The first byte is the table; numbers are big-endian, so byte order is numeric order. See docs/design/key-layout.md.
/// </summary>
internal static partial class Tables
{
    public const byte Bucket = 0x02;
    public const byte BucketByOwner = 0x03;
    public const byte BucketConfiguration = 0x04;
    public const byte BucketCounts = 0x05;
    public const byte HourSample = 0x06;
    public const byte DaySample = 0x07;
    public const byte Current = 0x10;
    public const byte Marker = 0x12;
    public const byte History = 0x13;
    public const byte NullVersion = 0x14;
    public const byte Upload = 0x20;
    public const byte Part = 0x21;
    public const byte AbortedUpload = 0x22;
    public const byte BlobReference = 0x30;
    public const byte Reclaim = 0x31;
    public const byte InlineData = 0x40;
    public const byte Manifest = 0x41;
    public const byte LifecycleCursor = 0x50;
    public const byte OrphanCursor = 0x51;
    public const byte Damage = 0x52;
    public const byte Scrub = 0x53;
    public const byte SetAside = 0x54;
    public const byte Epoch = 0x55;
    public const byte Recount = 0x56;
    public const byte SampleState = 0x57;
    public const byte Disk = 0x70;
    public const byte DiskByOrganization = 0x71;
    public const byte DiskByName = 0x72;

    /// <summary>bucket name → <see cref="Buckets.BucketRecord"/>.</summary>
    public static byte[] BucketKey(string name) => Concat(Bucket, Encoding.UTF8.GetBytes(name));

    /// <summary>owner id, bucket name → nothing: the buckets of an owner in order of name.</summary>
    public static byte[] BucketByOwnerKey(string ownerId, string name) =>
        [BucketByOwner, .. Encoding.UTF8.GetBytes(ownerId), 0, .. Encoding.UTF8.GetBytes(name)];

    /// <summary>bucket id, kind → one configuration of the bucket.</summary>
    public static byte[] BucketConfigurationKey(ulong bucketId, BucketConfiguration kind) =>
        [BucketConfiguration, .. Number(bucketId), (byte)kind];

    /// <summary>bucket id → counter of <see cref="Counts.BucketCounts"/>, in the order of its numbers.</summary>
    public static byte[] BucketCountsKey(ulong bucketId) => Concat(BucketCounts, Number(bucketId));

    /// <summary>bucket id, number of the hour or day → <see cref="Samples.BucketSample"/>.</summary>
    /// <param name="table"><see cref="HourSample"/> or <see cref="DaySample"/>.</param>
    /// <param name="bucketId">The bucket's id.</param>
    /// <param name="number">The hour or day since the Unix epoch.</param>
    public static byte[] SampleKey(byte table, ulong bucketId, uint number)
    {
        byte[] row = [table, .. Number(bucketId), 0, 0, 0, 0];
        BinaryPrimitives.WriteUInt32BigEndian(row.AsSpan(9), number);
        return row;
    }

    /// <summary>bucket id, key → <see cref="Objects.ObjectRecord"/> of the live current object. Listings walk only this.</summary>
    public static byte[] CurrentKey(ulong bucketId, ReadOnlySpan<byte> key)
    {
        byte[] row = new byte[9 + key.Length];
        row[0] = Current;
        BinaryPrimitives.WriteUInt64BigEndian(row.AsSpan(1), bucketId);
        key.CopyTo(row.AsSpan(9));
        return row;
    }

    /// <summary>bucket id, key → <see cref="Objects.ObjectRecord"/> of a delete marker that is the newest version. A key has a row here or in <see cref="Current"/>, not both.</summary>
    public static byte[] MarkerKey(ulong bucketId, ReadOnlySpan<byte> key)
    {
        byte[] row = CurrentKey(bucketId, key);
        row[0] = Marker;
        return row;
    }

    /// <summary>bucket id, key, version → <see cref="Objects.ObjectRecord"/> of a version that is not the newest; newest first within a key.</summary>
    public static byte[] HistoryKey(ulong bucketId, ReadOnlySpan<byte> key, VersionId version) =>
        [.. HistoryPrefix(bucketId, key), .. Number(~version.Sequence), .. Number(~version.Random)];

    /// <summary>The prefix of all older versions of a bucket's objects.</summary>
    public static byte[] HistoryTable(ulong bucketId) => [History, .. Number(bucketId)];

    /// <summary>The prefix of all older versions of a key.</summary>
    public static byte[] HistoryPrefix(ulong bucketId, ReadOnlySpan<byte> key) =>
        [History, .. Number(bucketId), .. KeyCodec.Write().Terminated(key).ToArray()];

    /// <summary>bucket id, key → the version under which the key's null version is in <see cref="History"/>, if it is there.</summary>
    public static byte[] NullVersionKey(ulong bucketId, ReadOnlySpan<byte> key)
    {
        byte[] row = CurrentKey(bucketId, key);
        row[0] = NullVersion;
        return row;
    }

    /// <summary>How many bytes of a <see cref="Current"/> or <see cref="Marker"/> row's key precede the object key.</summary>
    public const int CurrentPrefixLength = 9;

    /// <summary>
    /// bucket id, key, upload id → <see cref="Objects.Multipart.UploadRecord"/>. The key's zero bytes are escaped and it is terminated, so
    /// uploads are in S3's order: by key, then by upload id.
    /// </summary>
    public static byte[] UploadKey(ulong bucketId, ObjectKey key, UploadId upload) =>
        [.. UploadPrefix(bucketId, key), .. Id(upload.Value)];

    /// <summary>The prefix of all uploads of one key.</summary>
    public static byte[] UploadPrefix(ulong bucketId, ObjectKey key) => [.. UploadTable(bucketId), .. KeyCodec.Write().Terminated(key.Utf8).ToArray()];

    /// <summary>The prefix of all uploads of one bucket.</summary>
    public static byte[] UploadTable(ulong bucketId) => [Upload, .. Number(bucketId)];

    /// <summary>upload id, part number → <see cref="Objects.PartRecord"/>.</summary>
    public static byte[] PartKey(UploadId upload, int part)
    {
        byte[] row = [Part, .. Id(upload.Value), 0, 0, 0, 0];
        BinaryPrimitives.WriteInt32BigEndian(row.AsSpan(17), part);
        return row;
    }

    /// <summary>upload id → the key of the upload's row: an upload that was aborted a short while ago.</summary>
    public static byte[] AbortedUploadKey(Id128 upload) => Concat(AbortedUpload, Id(upload));

    /// <summary>blob or manifest id, reference id → nothing: one row for each holder of shared data.</summary>
    public static byte[] BlobReferenceKey(Id128 id, ulong reference) => [BlobReference, .. Id(id), .. Number(reference)];

    /// <summary>due time (Unix milliseconds), id → <see cref="ReclaimRecord"/>: what the reclaim worker checks, and when.</summary>
    public static byte[] ReclaimKey(long dueUnixMilliseconds, Id128 id) => [Reclaim, .. Number((ulong)dueUnixMilliseconds), .. Id(id)];

    /// <summary>id → the bytes of a small object.</summary>
    public static byte[] InlineDataKey(Id128 id) => Concat(InlineData, Id(id));

    /// <summary>manifest id, chunk index → <see cref="Objects.ManifestChunk"/>.</summary>
    public static byte[] ManifestKey(Id128 id, int chunk)
    {
        byte[] row = [Manifest, .. Id(id), 0, 0, 0, 0];
        BinaryPrimitives.WriteInt32BigEndian(row.AsSpan(17), chunk);
        return row;
    }

    /// <summary>bucket id → <see cref="Lifecycle.LifecycleCursor"/>: the progress of the bucket's lifecycle walk.</summary>
    public static byte[] LifecycleCursorKey(ulong bucketId) => Concat(LifecycleCursor, Number(bucketId));

    /// <summary>The one <see cref="Scrubbing.OrphanCursor"/>: the progress of the count of orphans, and the last result.</summary>
    public static byte[] OrphanCursorKey => [OrphanCursor];

    /// <summary>The one <see cref="Scrubbing.ScrubState"/>: the progress of scrubbing, and the last result.</summary>
    public static byte[] ScrubKey => [Scrub];

    /// <summary>blob id → <see cref="Scrubbing.SetAsideRecord"/>: a blob that nothing refers to and that was set aside.</summary>
    public static byte[] SetAsideKey(Id128 blob) => Concat(SetAside, Id(blob));

    /// <summary>The one <see cref="Scrubbing.EpochRecord"/>: shows whether the metadata is older than the blobs.</summary>
    public static byte[] EpochKey => [Epoch];

    /// <summary>The one <see cref="Counts.RecountRecord"/>: whether all counts of buckets are exact.</summary>
    public static byte[] RecountKey => KeyValueCounter.WholeRow;

    /// <summary>The one <see cref="Samples.SampleState"/>: the hours and days of which there are samples.</summary>
    public static byte[] SampleStateKey => [SampleState];

    /// <summary>How many bytes of a <see cref="Damage"/> row's key precede the holder's.</summary>
    public const int DamagePrefixLength = 1 + Id128.Size;

    /// <summary>
    /// id of damaged data, place of the object or part that has it → <see cref="Objects.Integrity.DamageRecord"/>. The place is the key of a part's row;
    /// of an object, that of the row it has or would have in <see cref="History"/>.
    /// </summary>
    public static byte[] DamageKey(Id128 data, ReadOnlySpan<byte> place) => [Damage, .. Id(data), .. place];

    /// <summary>The prefix of the rows of one piece of damaged data.</summary>
    public static byte[] DamagePrefix(Id128 data) => Concat(Damage, Id(data));

    /// <summary>disk id → <see cref="Disks.Catalog.DiskRecord"/>.</summary>
    public static byte[] DiskKey(string id) => Concat(Disk, Encoding.UTF8.GetBytes(id));

    /// <summary>organization, disk id → nothing: the disks of an organization in order of id.</summary>
    public static byte[] DiskByOrganizationKey(string organization, string id) =>
        [DiskByOrganization, .. Encoding.UTF8.GetBytes(organization), 0, .. Encoding.UTF8.GetBytes(id)];

    /// <summary>organization, name → disk id.</summary>
    public static byte[] DiskByNameKey(string organization, string name) =>
        [DiskByName, .. Encoding.UTF8.GetBytes(organization), 0, .. Encoding.UTF8.GetBytes(name)];

    /// <summary>The prefix of all reference rows of a blob or manifest.</summary>
    public static byte[] BlobReferencePrefix(Id128 id) => Concat(BlobReference, Id(id));

    /// <summary>The prefix of all rows of a manifest.</summary>
    public static byte[] ManifestPrefix(Id128 id) => Concat(Manifest, Id(id));

    /// <summary>The prefix of all parts of an upload.</summary>
    public static byte[] PartPrefix(Id128 upload) => Concat(Part, Id(upload));

    /// <summary>The common prefix of the terminated forms of all object keys that begin with these bytes.</summary>
    public static byte[] KeyStart(ReadOnlySpan<byte> prefix) => KeyCodec.Write().Terminated(prefix).ToArray()[..^2];

    /// <summary>The bucket id with which the key of a row begins that belongs to a bucket.</summary>
    public static ulong BucketOf(ReadOnlySpan<byte> row) => BinaryPrimitives.ReadUInt64BigEndian(row[1..]);

    /// <summary>The upload of a row of <see cref="Upload"/>.</summary>
    public static UploadId UploadOf(ReadOnlySpan<byte> row) => new(Id128.Read(row[^Id128.Size..]));

    public static byte[] Concat(byte table, ReadOnlySpan<byte> rest)
    {
        byte[] row = new byte[1 + rest.Length];
        row[0] = table;
        rest.CopyTo(row.AsSpan(1));
        return row;
    }

    private static byte[] Id(Id128 id)
    {
        byte[] bytes = new byte[Id128.Size];
        id.Write(bytes);
        return bytes;
    }

    private static byte[] Number(ulong value)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
        return bytes;
    }
}
