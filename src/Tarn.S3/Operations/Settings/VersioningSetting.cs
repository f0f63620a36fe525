using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.Model;
using Tarn.S3.Documents;
using Tarn.S3.Wire;
using static Tarn.S3.Operations.Settings.SettingRequest;

namespace Tarn.S3.Operations.Settings;

/// <summary>?versioning. Source: Amazon S3 API Reference, GetBucketVersioning and PutBucketVersioning.</summary>
internal static class VersioningSetting
{
    public static readonly BucketSetting<BucketVersioning> Declaration = new(
        "versioning",
        Get("GetBucketVersioning", "s3:GetBucketVersioning"),
        Put("PutBucketVersioning", "s3:PutBucketVersioning"))
    {
        Stored = BucketVersioning.Stored,
        Unset = static (ref S3XmlWriter xml) => Write(ref xml, null),
        Format = new XmlFormat<BucketVersioning>(
            DocumentShapes.Versioning,
            static (document, _, _) => Read(document),
            static (ref S3XmlWriter xml, BucketVersioning versioning) => Write(ref xml, versioning.State == VersioningState.Enabled ? "Enabled" : "Suspended")),
    };

    private static BucketVersioning Read(DocumentElement document)
    {
        switch (document.TextOf("MfaDelete")?.Trim())
        {
            case null or "Disabled": break;
            case "Enabled": throw new S3Exception(S3Error.NotImplemented, "MFA delete is not implemented.");
            default: throw new S3Exception(S3Error.MalformedXml);
        }

        return new BucketVersioning(document.TextOf("Status")?.Trim() switch
        {
            "Enabled" => VersioningState.Enabled,
            "Suspended" => VersioningState.Suspended,
            null => throw new S3Exception(S3Error.IllegalVersioningConfiguration),
            _ => throw new S3Exception(S3Error.MalformedXml),
        });
    }

    private static void Write(ref S3XmlWriter xml, string? status)
    {
        xml.StartRoot("VersioningConfiguration"u8);
        xml.Optional("Status"u8, status);
        xml.End("VersioningConfiguration"u8);
    }
}
