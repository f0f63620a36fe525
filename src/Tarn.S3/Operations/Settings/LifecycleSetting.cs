using Tarn.Core.Errors;
using Tarn.Core.Lifecycle;
using Tarn.S3.Documents;
using Tarn.S3.Wire;
using static Tarn.S3.Operations.Settings.SettingRequest;

namespace Tarn.S3.Operations.Settings;

/// <summary>
/// ?lifecycle. Source: Amazon S3 API Reference, GetBucketLifecycleConfiguration, PutBucketLifecycleConfiguration and DeleteBucketLifecycle.
/// </summary>
internal static class LifecycleSetting
{
    public static readonly BucketSetting<LifecycleConfiguration> Declaration = new(
        "lifecycle",
        Get("GetBucketLifecycleConfiguration", "s3:GetLifecycleConfiguration"),
        Put("PutBucketLifecycleConfiguration", "s3:PutLifecycleConfiguration", TransitionMinimumHeader.Name),
        Delete("DeleteBucketLifecycle", "s3:DeleteLifecycleConfiguration", awsAction: "s3:PutLifecycleConfiguration"))
    {
        Stored = LifecycleConfiguration.Stored,
        NotSet = S3Error.NoSuchLifecycleConfiguration,
        Format = new XmlFormat<LifecycleConfiguration>(
            DocumentShapes.Lifecycle,
            static (document, context, services) =>
                LifecycleXml.Read(document, TransitionMinimumHeader.Read(context.Request.Headers), services.Random),
            LifecycleXmlWriter.Write)
        {
            DigestRequired = true,
        },
        Headers = static (context, rules) => TransitionMinimumHeader.Write(context.Response.Headers, rules.Minimum),
    };
}
