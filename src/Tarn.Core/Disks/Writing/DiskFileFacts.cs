using Tarn.Core.Disks.Trees;
using Tarn.Core.Files;
using Tarn.Core.Model;

namespace Tarn.Core.Disks.Writing;

/// <summary>A file that has been written.</summary>
/// <param name="Path">Its path below the disk's root.</param>
/// <param name="Size">Bytes.</param>
/// <param name="ETag">The entity tag that readers get.</param>
/// <param name="LastModified">To the second.</param>
public sealed record DiskFileFacts(string Path, long Size, ETag ETag, DateTimeOffset LastModified)
{
    internal static DiskFileFacts Of(DiskFilePath path, in FileStat stat) => new(path.Text, stat.Size, DiskETag.Of(stat), stat.Modified.ToWholeSeconds());
}
