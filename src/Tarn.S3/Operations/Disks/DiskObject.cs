using Microsoft.AspNetCore.Http;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Disks.Reading;
using Tarn.Core.Errors;
using Tarn.Core.Model;
using Tarn.S3.Reading;
using Tarn.S3.Requests;
using Tarn.S3.Wire;

namespace Tarn.S3.Operations.Disks;

/// <summary>GET and HEAD of a file of a disk. Both open it, so that they always agree, refusals included.</summary>
internal sealed class DiskObject(DiskReader reader)
{
    /// <summary>The maximum number of attempts to open a file that is being written.</summary>
    private const int MaxTries = 3;

    /// <summary>Sends the file or the requested range.</summary>
    public async Task GetAsync(S3Context context, DiskBucket bucket)
    {
        for (int tries = 1; ; tries++)
        {
            await using DiskFile file = await OpenAsync(context, bucket);
            (long offset, long length) = await PrepareAsync(context, file);
            if (await file.TryHoldAsync(offset, length, context.CancellationToken) || tries == MaxTries)
            {
                await ContentSender.SendAsync(context.Request.Http, file, offset, length, context.Answer);
                return;
            }

            // The file changed between opening and reading, and nothing was sent yet: build the answer again.
            context.Response.StatusCode = StatusCodes.Status200OK;
            context.Response.Headers.ContentRange = default;
        }
    }

    /// <summary>Answers with the headers of a GET.</summary>
    public async Task HeadAsync(S3Context context, DiskBucket bucket)
    {
        await using DiskFile file = await OpenAsync(context, bucket);
        await PrepareAsync(context, file);
    }

    /// <summary>Finds the facts about the file without reading its content.</summary>
    public async ValueTask<FileFacts> LookAsync(S3Context context, DiskBucket bucket)
    {
        await using DiskFile file = await OpenAsync(context, bucket);
        return new FileFacts(file.ETag, file.LastModified, file.Length);
    }

    private async ValueTask<DiskFile> OpenAsync(S3Context context, DiskBucket bucket)
    {
        string? version = VersionParameter.Read(context.Query);
        if (version is not (null or Core.Model.VersionId.Null))
        {
            throw new S3Exception(S3Error.NoSuchVersion) { Details = [new("Key", context.Key.ToString()), new("VersionId", version)] };
        }

        return await reader.OpenAsync(bucket.Disk, context.Key.Utf8, context.CancellationToken)
            ?? throw new S3Exception(S3Error.NoSuchKey) { Details = [new("Key", context.Key.ToString())] };
    }

    private static async ValueTask<(long Offset, long Length)> PrepareAsync(S3Context context, DiskFile file)
    {
        var metadata = new ObjectMetadata { ContentType = await DiskContentType.OfAsync(context.Key.Utf8, file, context.CancellationToken) };
        var facts = new ReadFacts(file.ETag, file.LastModified, file.Length, metadata);
        DateTimeOffset now = context.Request.Now;
        ReadAnswer.Identify(context.Response, facts, now);
        ReadAnswer.ThrowIfPreconditionFails(context.Request.Http, facts, now);
        HttpRange range = context.Query.TryGet("partNumber", out string? part)
            ? ReadAnswer.OnlyPart(facts, Arguments.PartNumber(part))
            : ReadAnswer.Range(context.Request.Headers, facts);
        ReadAnswer.Write(context.Response, context.Query, facts, range);
        return (range.Offset, range.Length);
    }
}
