using Tarn.Core.Model;

namespace Tarn.S3.Reading;

/// <summary>The facts about the content that headers report.</summary>
/// <param name="LastModified">To the second.</param>
/// <param name="Size">Bytes.</param>
internal readonly record struct ReadFacts(ETag ETag, DateTimeOffset LastModified, long Size, ObjectMetadata Metadata);
