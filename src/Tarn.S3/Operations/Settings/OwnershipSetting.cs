using Tarn.Core.Access;
using Tarn.Core.Errors;
using Tarn.Core.Model;
using Tarn.S3.Access;
using Tarn.S3.Documents;
using Tarn.S3.Requests;
using Tarn.S3.Wire;
using static Tarn.S3.Operations.Settings.SettingRequest;

namespace Tarn.S3.Operations.Settings;

/// <summary>
/// ?ownershipControls. After a delete the bucket's owner owns everything, as in a bucket that never had the setting.
/// Source: Amazon S3 API Reference, GetBucketOwnershipControls, PutBucketOwnershipControls and DeleteBucketOwnershipControls.
/// </summary>
internal static class OwnershipSetting
{
    public static readonly BucketSetting<OwnershipControls> Declaration = new(
        "ownershipControls",
        Get("GetBucketOwnershipControls", "s3:GetBucketOwnershipControls"),
        Put("PutBucketOwnershipControls", "s3:PutBucketOwnershipControls"),
        Delete("DeleteBucketOwnershipControls", "s3:PutBucketOwnershipControls"))
    {
        Stored = AccessSettings.Ownership,
        NotSet = S3Error.OwnershipControlsNotFound,
        Format = new XmlFormat<OwnershipControls>(DocumentShapes.OwnershipControls, static (document, _, _) => Read(document), Write),
        Check = ThrowIfGrants,
    };

    /// <summary>Refuses to disable ACLs while the bucket's ACL has grants, which would be lost silently.</summary>
    private static void ThrowIfGrants(S3Context context, OwnershipControls? controls)
    {
        if ((controls ?? OwnershipControls.Default).Ownership == ObjectOwnership.BucketOwnerEnforced && context.FoundAccess.Acl is not null)
        {
            throw new S3Exception(S3Error.InvalidBucketAclWithObjectOwnership);
        }
    }

    private static OwnershipControls Read(DocumentElement document) =>
        new(OwnershipNames.Parse(document.Find("Rule")?.TextOf("ObjectOwnership")?.Trim()) ?? throw new S3Exception(S3Error.MalformedXml));

    private static void Write(ref S3XmlWriter xml, OwnershipControls controls)
    {
        xml.StartRoot("OwnershipControls"u8);
        xml.Start("Rule"u8);
        xml.Element("ObjectOwnership"u8, OwnershipNames.Of(controls.Ownership));
        xml.End("Rule"u8);
        xml.End("OwnershipControls"u8);
    }
}
