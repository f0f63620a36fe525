using Tarn.Core.Buckets;
using Tarn.S3.Wire;
using static Tarn.S3.Operations.Settings.SettingRequest;

namespace Tarn.S3.Operations.Settings;

/// <summary>
/// ?logging. A document without LoggingEnabled turns it off. Source: Amazon S3 API Reference, GetBucketLogging and PutBucketLogging.
/// </summary>
internal static class LoggingSetting
{
    public static readonly BucketSetting<BucketLogging> Declaration = new(
        "logging",
        Get("GetBucketLogging", "s3:GetBucketLogging"),
        Put("PutBucketLogging", "s3:PutBucketLogging"))
    {
        Stored = BucketLogging.Stored,
        Unset = static (ref S3XmlWriter xml) =>
        {
            xml.StartRoot("BucketLoggingStatus"u8);
            xml.End("BucketLoggingStatus"u8);
        },
        Format = new LoggingFormat(),
    };
}
