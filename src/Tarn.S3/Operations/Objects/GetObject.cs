using Tarn.Core.Objects;
using Tarn.Core.Objects.Reading;
using Tarn.S3.Operations.Disks;
using Tarn.S3.Reading;
using Tarn.S3.Requests;
using Tarn.S3.Wire;

namespace Tarn.S3.Operations.Objects;

/// <summary>GET /bucket/key. Source: Amazon S3 API Reference, GetObject.</summary>
internal sealed class GetObject(ObjectReader reader, ObjectAnswer answer, DiskObject files, ResolvedRead resolved) : IOperation
{
    public async Task ExecuteAsync(S3Context context)
    {
        ObjectAnswer.ThrowIfInvalid(context);
        if (context.FoundDisk is { } disk)
        {
            await files.GetAsync(context, disk);
            return;
        }

        if (context.Request.Accelerator is { IsResolve: true } && await TryResolveAsync(context))
        {
            return;
        }

        string? version = VersionParameter.Read(context.Query);
        (StoredObject? found, IObjectContent? content) = await reader.OpenAsync(
            context.RequiredBucket, context.Key, version, context.CancellationToken);
        if (found is null || content is null)
        {
            throw await ObjectLookup.MissingAsync(context, reader, version, found);
        }

        await using (content)
        {
            await ObjectLookup.ThrowIfReplacementDeniedAsync(context, found);
            (long offset, long length) = await answer.PrepareAsync(context, found);
            await ContentSender.SendAsync(context.Request.Http, content, offset, length, context.Answer);
        }
    }

    /// <summary>Answers an accelerator with a plan; false when it gets the bytes, as any other client. No blob is opened: whoever reads it finds out whether it is there.</summary>
    private async Task<bool> TryResolveAsync(S3Context context)
    {
        StoredObject found = await ObjectLookup.FindAsync(context, reader);
        if (!ResolvedRead.Wants(context, found))
        {
            return false;
        }

        (long offset, long length) = await answer.PrepareAsync(context, found);
        if (await resolved.TrySendAsync(context, found, offset, length))
        {
            return true;
        }

        // The object is looked up again, and may be another one by then.
        context.Answer.Clear();
        return false;
    }
}
