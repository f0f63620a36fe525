using Tarn.Core.Cors;
using Tarn.Core.Errors;
using Tarn.S3.Documents;
using Tarn.S3.Wire;
using static Tarn.S3.Operations.Settings.SettingRequest;

namespace Tarn.S3.Operations.Settings;

/// <summary>?cors. Source: Amazon S3 API Reference, GetBucketCors, PutBucketCors and DeleteBucketCors.</summary>
internal static class CorsSetting
{
    public static readonly BucketSetting<CorsConfiguration> Declaration = new(
        "cors",
        Get("GetBucketCors", "s3:GetBucketCORS"),
        Put("PutBucketCors", "s3:PutBucketCORS"),
        Delete("DeleteBucketCors", "s3:PutBucketCORS"))
    {
        Stored = CorsConfiguration.Stored,
        NotSet = S3Error.NoSuchCorsConfiguration,
        Format = new XmlFormat<CorsConfiguration>(DocumentShapes.Cors, static (document, _, _) => CorsXml.Read(document), CorsXml.Write)
        {
            DigestRequired = true,
        },
    };
}
