using Tarn.Core.Objects;
using Tarn.Core.Objects.Reading;
using Tarn.S3.Operations.Disks;
using Tarn.S3.Reading;
using Tarn.S3.Requests;

namespace Tarn.S3.Operations.Objects;

/// <summary>HEAD /bucket/key. Source: Amazon S3 API Reference, HeadObject.</summary>
internal sealed class HeadObject(ObjectReader reader, ObjectAnswer answer, DiskObject files, ResolvedRead resolved) : IOperation
{
    public async Task ExecuteAsync(S3Context context)
    {
        ObjectAnswer.ThrowIfInvalid(context);
        if (context.FoundDisk is { } disk)
        {
            await files.HeadAsync(context, disk);
            return;
        }

        StoredObject found = await ObjectLookup.FindAsync(context, reader);
        await reader.ThrowIfDamagedAsync(found, context.CancellationToken);
        await answer.PrepareAsync(context, found);
        await resolved.DescribeAsync(context, found);
    }
}
