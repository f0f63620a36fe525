using Tarn.Core.Errors;
using Tarn.Core.Objects;
using Tarn.S3.Pipeline;

namespace Tarn.S3.Operations.Objects;

/// <summary>HEAD /bucket/key. Source: Amazon S3 API Reference, HeadObject.</summary>
internal sealed class HeadObject(ObjectReader reader, ObjectAnswer answer) : IOperation
{
    public async Task ExecuteAsync(S3Context context)
    {
        ObjectAnswer.Validate(context);
        StoredObject found = await reader.FindAsync(context.RequiredBucket, context.Key, context.CancellationToken)
            ?? throw new S3Exception(S3Error.NoSuchKey);
        await answer.PrepareAsync(context, found);
    }
}
