using Tarn.Core.Access;
using Tarn.Core.Errors;
using Tarn.S3.Documents;
using Tarn.S3.Wire;
using static Tarn.S3.Operations.Settings.SettingRequest;

namespace Tarn.S3.Operations.Settings;

/// <summary>
/// ?publicAccessBlock. Elements that the document omits are off.
/// Source: Amazon S3 API Reference, GetPublicAccessBlock, PutPublicAccessBlock and DeletePublicAccessBlock.
/// </summary>
internal static class PublicAccessBlockSetting
{
    public static readonly BucketSetting<PublicAccessBlock> Declaration = new(
        "publicAccessBlock",
        Get("GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock"),
        Put("PutPublicAccessBlock", "s3:PutBucketPublicAccessBlock"),
        Delete("DeletePublicAccessBlock", "s3:PutBucketPublicAccessBlock"))
    {
        Stored = AccessSettings.Block,
        NotSet = S3Error.NoSuchPublicAccessBlock,
        Format = new XmlFormat<PublicAccessBlock>(DocumentShapes.PublicAccessBlock, static (document, _, _) => Read(document), Write),
    };

    private static PublicAccessBlock Read(DocumentElement document) => new(
        IsOn(document, "BlockPublicAcls"), IsOn(document, "IgnorePublicAcls"), IsOn(document, "BlockPublicPolicy"),
        IsOn(document, "RestrictPublicBuckets"));

    private static bool IsOn(DocumentElement document, string name) => document.TextOf(name)?.Trim().ToLowerInvariant() switch
    {
        null or "false" or "0" => false,
        "true" or "1" => true,
        _ => throw new S3Exception(S3Error.MalformedXml),
    };

    private static void Write(ref S3XmlWriter xml, PublicAccessBlock block)
    {
        xml.StartRoot("PublicAccessBlockConfiguration"u8);
        xml.Element("BlockPublicAcls"u8, block.BlockPublicAcls);
        xml.Element("IgnorePublicAcls"u8, block.IgnorePublicAcls);
        xml.Element("BlockPublicPolicy"u8, block.BlockPublicPolicy);
        xml.Element("RestrictPublicBuckets"u8, block.RestrictPublicBuckets);
        xml.End("PublicAccessBlockConfiguration"u8);
    }
}
