namespace Tarn.S3.Operations.Settings;

/// <summary>Every setting of S3's: a declaration of each. What is not among <see cref="UnsetSettings"/> can be set.</summary>
internal static class BucketSettings
{
    /// <summary>Those that a bucket of this server can have.</summary>
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
    ];

    public static IEnumerable<SettingDeclaration> All => [.. Set, .. UnsetSettings.OfBuckets, .. UnsetSettings.OfObjects];
}
