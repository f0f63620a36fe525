using Tarn.Core.Model;
using Tarn.Core.Records;

namespace Tarn.Core.Buckets;

/// <summary>The tags of a bucket.</summary>
public static class BucketTags
{
    /// <summary>The setting; not set in a bucket without tags.</summary>
    public static readonly SettingRow<TagSet> Stored =
        new(BucketConfiguration.Tagging, static tags => tags.Encode(), static (bytes, _) => TagSetCodec.Decode(bytes));
}
