using Tarn.S3.Requests;

namespace Tarn.S3.Operations.Disks;

/// <summary>An operation with separate implementations for object buckets and disks.</summary>
/// <param name="objects">Serves object buckets.</param>
/// <param name="disks">Serves disks.</param>
internal sealed class OfEither(IOperation objects, IOperation disks) : IOperation
{
    public Task ExecuteAsync(S3Context context) => (context.FoundDisk is null ? objects : disks).ExecuteAsync(context);
}
