using Tarn.Core.Access;
using Tarn.Core.Errors;
using static Tarn.S3.Operations.Settings.SettingRequest;

namespace Tarn.S3.Operations.Settings;

/// <summary>?policy. Source: Amazon S3 API Reference, GetBucketPolicy, PutBucketPolicy and DeleteBucketPolicy.</summary>
internal static class PolicySetting
{
    public static readonly BucketSetting<StoredBucketPolicy> Declaration = new(
        "policy",
        Get("GetBucketPolicy", "s3:GetBucketPolicy"),
        Put("PutBucketPolicy", "s3:PutBucketPolicy", "x-amz-confirm-remove-self-bucket-access"),
        Delete("DeleteBucketPolicy", "s3:DeleteBucketPolicy"))
    {
        Stored = AccessSettings.Policy,
        NotSet = S3Error.NoSuchBucketPolicy,
        Format = new PolicyFormat(),
        PutStatus = 204,
    };
}
