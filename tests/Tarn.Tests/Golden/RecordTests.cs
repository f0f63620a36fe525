using Tarn.Core.Access;
using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.Buckets;
using Tarn.Core.Counts;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Disks.Writing;
using Tarn.Core.Hashing;
using Tarn.Core.Jobs;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Integrity;
using Tarn.Core.Objects.Multipart;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Records;
using Tarn.Core.Samples;
using Tarn.Core.Scrubbing;
using Tarn.Core.Sharing;

namespace Tarn.Tests.Golden;

/// <summary>The bytes of every kind of record, frozen: existing stores must stay readable.</summary>
public sealed class RecordTests
{
    private static readonly Id128 Id = new(0x0102030405060708, 0x090A0B0C0D0E0F10);
    private static readonly Checksum Crc = new(ChecksumAlgorithm.Crc32, ChecksumType.Composite, [1, 2, 3, 4], 2);
    private static readonly ETag Tag = ETag.FromMd5(Enumerable.Range(0x20, 16).Select(i => (byte)i).ToArray(), 2);

    private static readonly ObjectMetadata Metadata = new()
    {
        ContentType = "a/b", StorageClass = "GLACIER", CacheControl = "c", ContentDisposition = "d", ContentEncoding = "e",
        ContentLanguage = "f", Expires = "g", User = [new("n", "v")], Tags = [new("t", "w")],
    };

    private static readonly AccessControlList List = AccessControlList.Create(
    [
        new(Grantee.Canonical("c"), AclPermission.FullControl), new(Grantee.AllUsers, AclPermission.Read),
        new(Grantee.AuthenticatedUsers, AclPermission.WriteAcp), new(Grantee.LogDelivery, AclPermission.Write | AclPermission.ReadAcp),
    ]);

    private static readonly PartRecord Part = new()
    {
        Number = 3, Size = 300, LastModified = 1000, ETag = Tag with { Parts = 0 }, Checksum = Crc, Extents = [new Extent(new BlobId(Id), 5, 6, 300)],
    };

    private static readonly BlobFooter Footer = new()
    {
        BucketId = 300, BucketName = "b", Key = ObjectKey.FromUtf8([1, 2]), OwnerId = "o", Metadata = Metadata, Written = 1_000_000, Md5 = Tag.ToMd5(), Checksum = Crc,
    };

    /// <summary>Name, what encodes it, what decodes it and encodes it again, and the frozen bytes.</summary>
    internal static readonly (string Name, Func<byte[]> Encode, Func<byte[], byte[]> Again, string Frozen)[] Records =
    [
        ("bucket", () => new BucketRecord
        {
            Id = 300, OwnerId = "o", OwnerName = "O", Region = "r", Created = 1000, DeletingSince = 2000,
            Versioning = VersioningState.Suspended, ConfigurationGeneration = 4, Configurations = 6,
        }.Encode(), b => BucketRecord.Decode(b).Encode(), "0102AC0205016F07014F0901720AE8070CD00F0E0210041206"),
        ("bucket logging", () => new BucketLogging("t", "p/") { Format = LogKeyFormat.ByDeliveryTime, Grants = AccessControlList.Create([new(Grantee.AllUsers, AclPermission.Read)]) }.Encode(),
            b => BucketLogging.Decode(b).Encode(), "010301740502702F0603090402020601"),
        ("empty object", () => Object(ObjectData.Empty.Instance).Encode(), b => ObjectRecord.Decode(b).Encode(), "0102AC0204E8070710202122232425262728292A2B2C2D2E2F08020B016F5103612F625307474C41434945525501635701645901655B01665D0167610603016E05017663060301740501770D0C0201040207040102030408020F100102030405060708090A0B0C0D0E0F1011100000000000000007000000000000000816B817"),
        ("inline object", () => Object(new ObjectData.Inline(Id, IsSealed: false)).Encode(), b => ObjectRecord.Decode(b).Encode(), "0102AC0204E8070710202122232425262728292A2B2C2D2E2F08020B016F5103612F625307474C41434945525501635701645901655B01665D0167610603016E05017663060301740501770D0C0201040207040102030408020F100102030405060708090A0B0C0D0E0F1011100000000000000007000000000000000816B81729100102030405060708090A0B0C0D0E0F10"),
        ("sealed inline object", () => Object(new ObjectData.Inline(Id, IsSealed: true)).Encode(), b => ObjectRecord.Decode(b).Encode(), "0102AC0204E8070710202122232425262728292A2B2C2D2E2F08020B016F5103612F625307474C41434945525501635701645901655B01665D0167610603016E05017663060301740501770D0C0201040207040102030408020F100102030405060708090A0B0C0D0E0F1011100000000000000007000000000000000816B81729100102030405060708090A0B0C0D0E0F103201"),
        ("bucket sample", () => new BucketSample { ObservedSeconds = 3600, Held = new BucketCounts(1, 2, 3, 4, 5, 6, 7), Activity = new BucketActivity(8, 9, 10, 11, 12), IsOver = true }.Encode(),
            b => BucketSample.Decode(b).Encode(), "0102901C0401060208030A040C050E061007120114081609180A1A0B1C0C1E01"),
        ("sample state", () => new SampleState([300, 301], [12]).Encode(), b => SampleState.Decode(b).Encode(), "0102AC0202AD02040C"),
        ("part in a blob of noted length", () => (Part with { Extents = [new Extent(new BlobId(Id), 5, 6, 300, 400)] }).Encode(), b => PartRecord.Decode(b).Encode(), "01020304AC0206E8070910202122232425262728292A2B2C2D2E2F0B0C0201040207040102030408020D1C03100102030405060708090A0B0C0D0E0F100405060608AC020A9003"),
        ("scrub", () => new ScrubState
        {
            Phase = ScrubPhase.Data, IsPaused = true, IsRequested = true, Began = 1000, Position = [1, 2], DoneInRow = Id,
            Counts = new() { Objects = 1, Bytes = 2, Damaged = 3, NotVerifiable = 4, Sealed = 5, BroughtBack = 6, Failures = 7, Orphans = 8, OrphanBytes = 9, Rewritten = 10, Repaired = 11 },
            Failures = ["a", "b"], LastBegan = 500, LastFinished = 600, LastCounts = new() { Objects = 1 }, LastFailures = ["c"], Served = 700,
        }.Encode(), b => ScrubState.Decode(b).Encode(), "0102010401060108E8070B0201020F1602010402060308040A050C060E0710081209140A160B0D100102030405060708090A0B0C0D0E0F1011016111016212F40314D804170202011901631CBC05"),
        ("note of a blob that was set aside", () => new SetAsideRecord(1000, 500).Encode(), b => SetAsideRecord.Decode(b).Encode(), "0102E80704F403"),
        ("note of a blob that a build set aside which did not count for how long it served", () => new SetAsideRecord(1000, 0).Encode(), b => SetAsideRecord.Decode(b).Encode(), "0102E807"),
        ("recount", () => new RecountRecord(Id, IsDone: true).Encode(), b => RecountRecord.Decode(b).Encode(), "0103100102030405060708090A0B0C0D0E0F100401"),
        ("reclaim of an upload of a bucket", () => new ReclaimRecord(ReclaimKind.Upload, Id, 300).Encode(), b => ReclaimRecord.Decode(b).Encode(), "0102040510" + "0102030405060708090A0B0C0D0E0F1006AC02"),
        ("epoch", () => new EpochRecord(5).Encode(), b => EpochRecord.Decode(b).Encode(), "010205"),
        ("damage of an object", () => new DamageRecord
        {
            Kind = DamageKind.Checksum, BucketId = 300, Key = [1, 2], Version = "v", Offset = 5, Length = 6, FirstSeen = 1000, LastSeen = 2000,
        }.Encode(), b => DamageRecord.Decode(b).Encode(), "01020304AC02070201020901760E05100612E80714D00F"),
        ("damage of a part", () => new DamageRecord
        {
            Kind = DamageKind.Missing, BucketId = 300, Key = [1], Upload = new UploadId(Id), PartNumber = 7, FirstSeen = 1000, LastSeen = 2000,
        }.Encode(), b => DamageRecord.Decode(b).Encode(), "01020104AC0207010110FFFFFFFFFFFFFFFF7F12E80714D00F0B100102030405060708090A0B0C0D0E0F100C07"),
        ("job", () => new JobRecord
        {
            Parameters = new JobParameters { Kind = JobKind.Delete, Bucket = "b", Prefix = "p", Versions = JobVersions.All },
            Requester = new JobRequester { Organization = "o", Owner = new JobOwner("c", 1), Arn = "r", UserId = "u", CredentialId = "k" },
            BucketId = 7, Created = 1, State = JobState.Running, AfterKey = [9],
        }.Encode(), b => JobRecord.Decode(b).Encode(), "01020105016206070901700A02291103016F05016306010901720B01750D016B2B003C014201530109"),
        ("mark of a job", () => new JobMark { Bytes = 5 }.Encode(), b => JobMark.Decode(b).Encode(), "010205"),
        ("error of a job", () => new JobError(ObjectKey.FromUtf8("k"u8.ToArray()), "v", "c", "m").Encode(), b => JobError.Decode(b).Encode(), "0107016B0901760B01630D016D"),
        ("footer of a blob", () => Footer.Encode(), b => BlobFooter.Decode(b).Encode(), "0102AC020501620702010209016F0AC0843D0D10202122232425262728292A2B2C2D2E2F0F0C0201040207040102030408025103612F625307474C41434945525501635701645901655B01665D0167610603016E050176"),
        ("footer of a part's blob", () => (Footer with { Upload = new UploadId(Id), PartNumber = 7 }).Encode(), b => BlobFooter.Decode(b).Encode(), "0102AC020501620702010209016F0AC0843D0D10202122232425262728292A2B2C2D2E2F0F0C02010402070401020304080211100102030405060708090A0B0C0D0E0F1012075103612F625307474C41434945525501635701645901655B01665D0167610603016E050176"),
        ("object in runs", () => Object(new ObjectData.Extents([new Extent(new BlobId(Id), 0, 0, 9), new Extent(new BlobId(Id), 7, 8, 9)])).Encode(), b => ObjectRecord.Decode(b).Encode(), "0102AC0204E8070710202122232425262728292A2B2C2D2E2F08020B016F5103612F625307474C41434945525501635701645901655B01665D0167610603016E05017663060301740501770D0C0201040207040102030408020F100102030405060708090A0B0C0D0E0F1011100000000000000007000000000000000816B8172B1403100102030405060708090A0B0C0D0E0F1008092B1803100102030405060708090A0B0C0D0E0F10040706080809"),
        ("object of parts", () => Object(new ObjectData.Manifest(Id, 9, [0, 500, 900])).Encode(), b => ObjectRecord.Decode(b).Encode(), "0102AC0204E8070710202122232425262728292A2B2C2D2E2F08020B016F5103612F625307474C41434945525501635701645901655B01665D0167610603016E05017663060301740501770D0C0201040207040102030408020F100102030405060708090A0B0C0D0E0F1011100000000000000007000000000000000816B8172D100102030405060708090A0B0C0D0E0F102E093100310302F4033103029003"),
        ("part", () => Part.Encode(), b => PartRecord.Decode(b).Encode(), "01020304AC0206E8070910202122232425262728292A2B2C2D2E2F0B0C0201040207040102030408020D1903100102030405060708090A0B0C0D0E0F100405060608AC02"),
        ("manifest row", () => ManifestChunk.Encode([Part, Part with { Number = 4, Checksum = null }]), b => ManifestChunk.Encode(ManifestChunk.Decode(b)), "010343020304AC0206E8070910202122232425262728292A2B2C2D2E2F0B0C0201040207040102030408020D1903100102030405060708090A0B0C0D0E0F100405060608AC020335020404AC0206E8070910202122232425262728292A2B2C2D2E2F0D1903100102030405060708090A0B0C0D0E0F100405060608AC02"),
        ("upload", () => new UploadRecord
        {
            Initiated = 1000, OwnerId = "o", OwnerName = "O", Metadata = Metadata, Algorithm = ChecksumAlgorithm.Sha256, ChecksumType = ChecksumType.Composite,
        }.Encode(), b => UploadRecord.Decode(b).Encode(), "0102E80705016F07014F08050A025103612F625307474C41434945525501635701645901655B01665D0167610603016E0501766306030174050177"),
        ("upload for another owner, with a list", () => new UploadRecord
        {
            Initiated = 1000, OwnerId = "o", OwnerName = "O", InitiatorId = "i", InitiatorName = "I",
            Metadata = ObjectMetadata.Empty with { Acl = List },
        }.Encode(), b => UploadRecord.Decode(b).Encode(), "0102E80705016F07014F0A010D01690F01495F070201050163060F5F04020206015F04020306085F0402040606"),
        ("object with a list", () => new ObjectRecord
        {
            Size = 0, LastModified = 1000, ETag = Tag, OwnerId = "o", Metadata = ObjectMetadata.Empty with { Acl = List },
        }.Encode(), b => ObjectRecord.Decode(b).Encode(), "0104E8070710202122232425262728292A2B2C2D2E2F08020B016F5F070201050163060F5F04020206015F04020306085F0402040606"),
        ("object with an empty list", () => new ObjectRecord
        {
            Size = 0, LastModified = 1000, ETag = Tag, OwnerId = "o", Metadata = ObjectMetadata.Empty with { Acl = AccessControlList.Create([]) },
        }.Encode(), b => ObjectRecord.Decode(b).Encode(), "0104E8070710202122232425262728292A2B2C2D2E2F08020B016F5F00"),
        ("list", () => List.Encode(), b => AclCodec.Decode(b).Encode(), "0103070201050163060F030402020601030402030608030402040606"),
        ("ownership", () => new OwnershipControls(ObjectOwnership.ObjectWriter).Encode(), b => OwnershipControls.Decode(b).Encode(), "010202"),
        ("public access block", () => new PublicAccessBlock(true, false, true, true).Encode(), b => PublicAccessBlock.Decode(b).Encode(), "01020106010801"),
        ("disk", () => new DiskRecord
        {
            Name = "n", Organization = "o", RootPath = "/r", IsAttached = true, Created = 1000, AllowedAddresses = ["10.0.0.0/8", "::1/128"],
        }.Encode(), b => DiskRecord.Decode(b).Encode(), "0103016E05016F07022F7208010AE8070D0A31302E302E302E302F380D073A3A312F313238"),
        ("disk with file systems", () => new DiskRecord
        {
            Name = "n", Organization = "o", RootPath = "/r", IsAttached = true, Created = 1000,
            Mounts =
            [
                new() { Path = "", Point = "/r", Type = "ext4", Source = "/s", Inside = "/", Uuid = "u", Number = 300 },
                new() { Path = "b", Point = "/r/b", Type = "t", Source = "s", Inside = "/i" },
            ],
        }.Encode(), b => DiskRecord.Decode(b).Encode(), "0103016E05016F07022F7208010AE8070F1705022F7207046578743409022F730B012F0D01750EAC020F13030162"
            + "05042F722F6207017409" + "01730B022F69"),
        ("disk that is read-only", () => new DiskRecord { Name = "n", Organization = "o", RootPath = "/r", Created = 1000, Writing = false }.Encode(),
            b => DiskRecord.Decode(b).Encode(), "0103016E05016F07022F720AE8071202"),
        ("disk that is written to", () => new DiskRecord { Name = "n", Organization = "o", RootPath = "/r", Created = 1000, Writing = true }.Encode(),
            b => DiskRecord.Decode(b).Encode(), "0103016E05016F07022F720AE8071201"),
        ("upload to a disk", () => new UploadNote { Path = "d/f"u8.ToArray(), Replaces = true, Length = 300, Label = "l", Created = 1000, Offset = 200 }.Encode(),
            b => UploadNote.Decode(b).Encode(), "010303642F66040106AD0209016C0AE8070CC801"),
        ("upload to a disk with its file", () => new UploadNote { Path = "d/f"u8.ToArray(), Created = 1000, Offset = 200, Inode = 5 }.Encode(),
            b => UploadNote.Decode(b).Encode(), "010303642F660AE8070CC8010E05"),
        ("disk of growing files", () => new DiskRecord { Name = "n", Organization = "o", RootPath = "/r", Created = 1000, GrowingFiles = true }.Encode(),
            b => DiskRecord.Decode(b).Encode(), "0103016E05016F07022F720AE8071001"),
        ("share link", () => new ShareLinkRecord
        {
            Organization = "o", OwnerId = "c", Container = "b", BucketId = 300, Key = [1, 2], Version = "v", Created = 1000, Expires = 2000, CreatedBy = "a",
        }.Encode(), b => ShareLinkRecord.Decode(b).Encode(), "0103016F05016307016208AC020B0201020D01760EE80710D00F130161"),
        ("share link to a disk", () => new ShareLinkRecord
        {
            Organization = "o", OwnerId = "c", Container = "d", Key = [1], Created = 1000, Expires = 2000, CreatedBy = "a",
        }.Encode(), b => ShareLinkRecord.Decode(b).Encode(), "0103016F0501630701640B01010EE80710D00F130161"),
        ("disk user", () => new DiskUserRecord { Nickname = "n" }.Encode(), b => DiskUserRecord.Decode(b).Encode(), "0103016E"),
        ("reclaim", () => new ReclaimRecord(ReclaimKind.Bucket, Id).Encode(), b => ReclaimRecord.Decode(b).Encode(), "01020505100102030405060708090A0B0C0D0E0F10"),
    ];

    public static TheoryData<string> Names => [.. All.Select(record => record.Name)];

    private static IEnumerable<(string Name, Func<byte[]> Encode, Func<byte[], byte[]> Again, string Frozen)> All => Records.Concat(IdentityRecords.All);

    [Theory]
    [MemberData(nameof(Names))]
    public void A_record_is_the_bytes_that_were_frozen_and_reads_back(string name)
    {
        var record = All.Single(r => r.Name == name);
        Assert.Equal(record.Frozen, Convert.ToHexString(record.Encode()));
        Assert.Equal(record.Frozen, Convert.ToHexString(record.Again(Convert.FromHexString(record.Frozen))));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_newer_marker_is_refused(string name)
    {
        var record = All.Single(r => r.Name == name);
        byte[] bytes = record.Encode();
        foreach (byte marker in new byte[] { 0, 2, 255 })
        {
            bytes[0] = marker;
            Assert.Throws<RecordFormatException>(() => record.Again(bytes));
        }

        Assert.Throws<RecordFormatException>(() => record.Again([]));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_record_that_is_cut_off_or_damaged_is_refused_or_read_but_never_breaks_the_reader(string name)
    {
        var record = All.Single(r => r.Name == name);
        byte[] whole = record.Encode();
        int refused = 0;
        for (int length = 0; length < whole.Length; length++)
        {
            refused += Read(whole[..length]);
        }

        Assert.True(refused > whole.Length / 4, "Most places to cut are inside a field.");
        var random = new Random(3);
        for (int i = 0; i < 3000; i++)
        {
            byte[] damaged = [.. whole];
            damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            Read(damaged);
        }

        int Read(byte[] bytes)
        {
            try
            {
                _ = record.Again(bytes);
                return 0;
            }
            catch (RecordFormatException)
            {
                return 1;
            }
        }
    }

    [Fact]
    public void Counts_are_the_bytes_that_were_frozen()
    {
        const string Frozen = "0000000000000001000000000000000200000000000000030000000000000004" + "00000000000000050000000000000006FFFFFFFFFFFFFFF9";
        KeyValueBatch batch = new();
        new BucketCounts(1, 2, 3, 4, 5, 6, -7).AddTo(batch, 258);
        KeyValueAddition addition = Assert.Single(batch.Additions);
        Assert.Equal("050000000000000102", Convert.ToHexString(addition.Key));
        Assert.Equal(Frozen, Convert.ToHexString(KeyValueCounter.Add(null, addition.Deltas)!));
        Assert.Equal(new BucketCounts(1, 2, 3, 4, 5, 6, -7), BucketCounts.Decode(Convert.FromHexString(Frozen)));
    }

    [Fact]
    public void Row_keys_are_the_bytes_that_were_frozen()
    {
        var upload = new UploadId(Id);
        ObjectKey.TryCreate("k\0/é", out ObjectKey key);
        byte[][] keys =
        [
            Tables.BucketKey("b"), Tables.BucketByOwnerKey("o", "b"), Tables.BucketConfigurationKey(258, BucketConfiguration.Lifecycle),
            Tables.CurrentKey(258, key.Utf8), Tables.MarkerKey(258, key.Utf8), Tables.HistoryKey(258, key.Utf8, new VersionId(1, 2)),
            Tables.NullVersionKey(258, key.Utf8), Tables.UploadKey(258, key, upload), Tables.PartKey(upload, 259),
            Tables.BlobReferenceKey(Id, 260), Tables.ReclaimKey(261, Id), Tables.InlineDataKey(Id), Tables.ManifestKey(Id, 262), Tables.DamageKey(Id, [1, 2]),
            Tables.ShareLinkKey("l"), Tables.ShareLinkByTargetKey("o", "d", "l"), Tables.ShareLinkByExpiryKey(263, "l"), Tables.DiskUserKey("d", "i"),
        ];
        Assert.Equal(
            [
                "0262",
                "036F0062",
                "04000000000000010202",
                "1000000000000001026B002FC3A9",
                "1200000000000001026B002FC3A9",
                "1300000000000001026B00FF2FC3A90001FFFFFFFFFFFFFFFEFFFFFFFFFFFFFFFD",
                "1400000000000001026B002FC3A9",
                "2000000000000001026B00FF2FC3A900010102030405060708090A0B0C0D0E0F10",
                "210102030405060708090A0B0C0D0E0F1000000103",
                "300102030405060708090A0B0C0D0E0F100000000000000104",
                "3100000000000001050102030405060708090A0B0C0D0E0F10",
                "400102030405060708090A0B0C0D0E0F10",
                "410102030405060708090A0B0C0D0E0F1000000106",
                "520102030405060708090A0B0C0D0E0F100102",
                "736C",
                "746F0064006C",
                "7500000000000001076C",
                "76640069",
            ],
            keys.Select(Convert.ToHexString));
    }

    private static ObjectRecord Object(ObjectData data) => new()
    {
        Size = 300, LastModified = 1000, ETag = Tag, OwnerId = "o", Metadata = Metadata, Checksum = Crc, Upload = new UploadId(Id), Data = data,
        Order = new VersionId(7, 8), NoncurrentSince = 3000,
    };
}
