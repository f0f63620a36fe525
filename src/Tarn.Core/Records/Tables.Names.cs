using Tarn.Core.KeyValue;

namespace Tarn.Core.Records;

/// <summary>Rows in messages for people.</summary>
internal static partial class Tables
{
    /// <summary>A row's table and the rest of its key, with bytes that are not printable as <c>\x00</c>.</summary>
    public static string Describe(ReadOnlySpan<byte> key) => key.IsEmpty ? "(empty key)" : $"{Name(key[0])} {KeyText.Of(key[1..])}";

    private static string Name(byte table) => table switch
    {
        Bucket => nameof(Bucket),
        BucketByOwner => nameof(BucketByOwner),
        BucketConfiguration => nameof(BucketConfiguration),
        Current => nameof(Current),
        Marker => nameof(Marker),
        History => nameof(History),
        NullVersion => nameof(NullVersion),
        Upload => nameof(Upload),
        Part => nameof(Part),
        AbortedUpload => nameof(AbortedUpload),
        BlobReference => nameof(BlobReference),
        Reclaim => nameof(Reclaim),
        InlineData => nameof(InlineData),
        Manifest => nameof(Manifest),
        LifecycleCursor => nameof(LifecycleCursor),
        OrphanCursor => nameof(OrphanCursor),
        Damage => nameof(Damage),
        Scrub => nameof(Scrub),
        SetAside => nameof(SetAside),
        Epoch => nameof(Epoch),
        BucketCounts => nameof(BucketCounts),
        HourSample => nameof(HourSample),
        DaySample => nameof(DaySample),
        SampleState => nameof(SampleState),
        Recount => nameof(Recount),
        Disk => nameof(Disk),
        DiskByOrganization => nameof(DiskByOrganization),
        DiskByName => nameof(DiskByName),
        Organization => nameof(Organization),
        User => nameof(User),
        AccessKey => nameof(AccessKey),
        AccessKeyByUser => nameof(AccessKeyByUser),
        CanonicalId => nameof(CanonicalId),
        Email => nameof(Email),
        UserId => nameof(UserId),
        ApiToken => nameof(ApiToken),
        ApiTokenByUser => nameof(ApiTokenByUser),
        OrganizationPolicy => nameof(OrganizationPolicy),
        KeyRing => nameof(KeyRing),
        RootKey => nameof(RootKey),
        AccessKeyUse => nameof(AccessKeyUse),
        TemporaryKey => nameof(TemporaryKey),
        TemporaryKeyByExpiry => nameof(TemporaryKeyByExpiry),
        TemporaryKeyByHolder => nameof(TemporaryKeyByHolder),
        Issuer => nameof(Issuer),
        Role => nameof(Role),
        ShareLink => nameof(ShareLink),
        ShareLinkByTarget => nameof(ShareLinkByTarget),
        ShareLinkByExpiry => nameof(ShareLinkByExpiry),
        DiskUser => nameof(DiskUser),
        Job => nameof(Job),
        JobByOrganization => nameof(JobByOrganization),
        JobKey => nameof(JobKey),
        JobUnfinished => nameof(JobUnfinished),
        JobByToken => nameof(JobByToken),
        AcceleratorToken => nameof(AcceleratorToken),
        AcceleratorSecret => nameof(AcceleratorSecret),
        AcceleratorClear => nameof(AcceleratorClear),
        Mirror => nameof(Mirror),
        _ => $"0x{table:x2}",
    };
}
