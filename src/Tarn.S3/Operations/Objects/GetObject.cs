using Tarn.Core.Errors;
using Tarn.Core.Objects;
using Tarn.S3.Pipeline;
using Tarn.S3.Transport;

namespace Tarn.S3.Operations.Objects;

/// <summary>GET /bucket/key. Source: Amazon S3 API Reference, GetObject.</summary>
internal sealed class GetObject(ObjectReader reader, ObjectAnswer answer) : IOperation
{
    public async Task ExecuteAsync(S3Context context)
    {
        ObjectAnswer.Validate(context);
        (StoredObject? found, IObjectContent? content) = await reader.OpenAsync(
            context.RequiredBucket, context.Key, static _ => true, context.CancellationToken);
        if (found is null || content is null)
        {
            throw new S3Exception(S3Error.NoSuchKey) { Details = [new("Key", context.Key.ToString())] };
        }

        await using (content)
        {
            (long offset, long length) = await answer.PrepareAsync(context, found);
            await ContentSender.SendAsync(context.Http, content, offset, length);
        }
    }
}
