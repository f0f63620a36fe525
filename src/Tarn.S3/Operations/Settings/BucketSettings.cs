namespace Tarn.S3.Operations.Settings;

/// <summary>The declarations of all of S3's settings. Those not in <see cref="UnsetSettings"/> can be set.</summary>
internal static class BucketSettings
{
    /// <summary>The settings that buckets of this server can have.</summary>
    public static readonly IReadOnlyList<SettingDeclaration> Set =
    [
        VersioningSetting.Declaration,
        TaggingSetting.Declaration,
        LifecycleSetting.Declaration,
        CorsSetting.Declaration,
        PolicySetting.Declaration,
        AclSetting.Declaration,
        OwnershipSetting.Declaration,
        PublicAccessBlockSetting.Declaration,
        LoggingSetting.Declaration,
    ];

    public static IEnumerable<SettingDeclaration> All => [.. Set, .. UnsetSettings.OfBuckets, .. UnsetSettings.OfObjects];
}
