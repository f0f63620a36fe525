using Tarn.Core.Model;

namespace Tarn.S3.Operations.Disks;

/// <summary>The facts about a file that headers report.</summary>
/// <param name="ETag">Its version.</param>
/// <param name="LastModified">To the second.</param>
/// <param name="Length">Bytes.</param>
internal readonly record struct FileFacts(ETag ETag, DateTimeOffset LastModified, long Length);
