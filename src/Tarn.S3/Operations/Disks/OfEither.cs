using Tarn.S3.Requests;

namespace Tarn.S3.Operations.Disks;

/// <summary>An operation that buckets of objects and disks serve in different ways.</summary>
/// <param name="objects">Serves buckets of objects.</param>
/// <param name="disks">Serves disks.</param>
internal sealed class OfEither(IOperation objects, IOperation disks) : IOperation
{
    public Task ExecuteAsync(S3Context context) => (context.FoundDisk is null ? objects : disks).ExecuteAsync(context);
}
