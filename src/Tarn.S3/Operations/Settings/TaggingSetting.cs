using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.Model;
using Tarn.S3.Documents;
using Tarn.S3.Wire;
using static Tarn.S3.Operations.Settings.SettingRequest;

namespace Tarn.S3.Operations.Settings;

/// <summary>?tagging of a bucket. Source: Amazon S3 API Reference, GetBucketTagging, PutBucketTagging and DeleteBucketTagging.</summary>
internal static class TaggingSetting
{
    public static readonly BucketSetting<TagSet> Declaration = new(
        "tagging",
        Get("GetBucketTagging", "s3:GetBucketTagging"),
        Put("PutBucketTagging", "s3:PutBucketTagging"),
        Delete("DeleteBucketTagging", "s3:DeleteBucketTagging", awsAction: "s3:PutBucketTagging"))
    {
        Stored = BucketTags.Stored,
        NotSet = S3Error.NoSuchTagSet,
        Format = new XmlFormat<TagSet>(DocumentShapes.Tagging, static (document, _, _) => Read(document), Write) { DigestRequired = true },
        PutStatus = 204,
    };

    /// <summary>An empty tag set counts as not set, for which S3 answers NoSuchTagSet.</summary>
    private static TagSet? Read(DocumentElement document) => TaggingXml.Read(document, TagLimits.Bucket) is { Count: > 0 } tags ? tags : null;

    private static void Write(ref S3XmlWriter xml, TagSet tags) => TaggingXml.Write(ref xml, tags.Pairs);
}
