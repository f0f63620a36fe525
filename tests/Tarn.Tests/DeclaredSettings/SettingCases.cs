using Tarn.Tests.Access;

namespace Tarn.Tests.DeclaredSettings;

/// <summary>A case for each bucket setting, by its sub-resource.</summary>
internal static class SettingCases
{
    public static readonly IReadOnlyDictionary<string, SettingCase> All = new Dictionary<string, SettingCase>
    {
        ["versioning"] = new(
            "VersioningConfiguration",
            "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>", "Enabled",
            "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>", "Suspended"),
        ["tagging"] = new("NoSuchTagSet", Tags("first"), "first", Tags("second"), "second") { PutStatus = 204, NeedsDigest = true },
        ["lifecycle"] = new("NoSuchLifecycleConfiguration", Rule(9), "<Days>9</Days>", Rule(10), "<Days>10</Days>") { NeedsDigest = true },
        ["cors"] = new("NoSuchCORSConfiguration", Origin("http://a.example"), "a.example", Origin("http://b.example"), "b.example") { NeedsDigest = true },
        ["policy"] = new("NoSuchBucketPolicy", Policy("GetObject"), "s3:GetObject", Policy("PutObject"), "s3:PutObject")
        {
            PutStatus = 204, Malformed = "MalformedPolicy", Empty = "MalformedPolicy",
        },
        ["acl"] = new("AccessControlPolicy", Grant("READ"), "READ", Grant("WRITE"), "WRITE") { Malformed = "MalformedACLError", Empty = "MissingSecurityHeader" },
        ["ownershipControls"] = new(
            "OwnershipControlsNotFoundError", Ownership("ObjectWriter"), "ObjectWriter", Ownership("BucketOwnerPreferred"), "BucketOwnerPreferred"),
        ["publicAccessBlock"] = new(
            "NoSuchPublicAccessBlockConfiguration", Block("BlockPublicAcls"), "<BlockPublicAcls>true", Block("BlockPublicPolicy"), "<BlockPublicPolicy>true"),
        ["logging"] = new("BucketLoggingStatus", Logging("first/"), "first/", Logging("second/"), "second/"),
    };

    private static string Tags(string key) => $"<Tagging><TagSet><Tag><Key>{key}</Key><Value>v</Value></Tag></TagSet></Tagging>";

    private static string Rule(int days) =>
        $"<LifecycleConfiguration><Rule><ID>r</ID><Filter/><Status>Enabled</Status><Expiration><Days>{days}</Days></Expiration></Rule></LifecycleConfiguration>";

    private static string Origin(string origin) =>
        $"<CORSConfiguration><CORSRule><AllowedOrigin>{origin}</AllowedOrigin><AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>";

    private static string Policy(string action) =>
        $$"""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::b:root"},"Action":"s3:{{action}}","Resource":"arn:aws:s3:::bucket/*"}]}""";

    private static string Logging(string prefix) =>
        $"<BucketLoggingStatus><LoggingEnabled><TargetBucket>bucket</TargetBucket><TargetPrefix>{prefix}</TargetPrefix></LoggingEnabled></BucketLoggingStatus>";

    private static string Grant(string permission) =>
        $"""
        <AccessControlPolicy><Owner><ID>{TestIdentity.IdOf("a")}</ID></Owner><AccessControlList><Grant>
        <Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"><ID>{TestIdentity.IdOf("b")}</ID></Grantee>
        <Permission>{permission}</Permission></Grant></AccessControlList></AccessControlPolicy>
        """;

    private static string Ownership(string ownership) => $"<OwnershipControls><Rule><ObjectOwnership>{ownership}</ObjectOwnership></Rule></OwnershipControls>";

    private static string Block(string element) => $"<PublicAccessBlockConfiguration><{element}>true</{element}></PublicAccessBlockConfiguration>";
}
