using System.Globalization;
using Microsoft.AspNetCore.Http;
using Tarn.Core.Errors;
using Tarn.Core.Hashing;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Reading;
using Tarn.S3.Reading;
using Tarn.S3.Requests;
using Tarn.S3.Wire;

namespace Tarn.S3.Operations.Objects;

/// <summary>
/// The common part of GET and HEAD of an object: preconditions, the requested range or part, and the headers.
/// Source: Amazon S3 API Reference, GetObject and HeadObject.
/// </summary>
internal sealed class ObjectAnswer(ObjectReader reader, LifecycleHeaders lifecycle)
{
    /// <summary>Refuses a request that is invalid for every object.</summary>
    /// <exception cref="S3Exception">InvalidRequest, InvalidArgument.</exception>
    public static void ThrowIfInvalid(S3Context context)
    {
        if (context.Query.TryGet("partNumber", out string? part))
        {
            Arguments.PartNumber(part);
            if (context.Request.Headers.Range.Count > 0)
            {
                throw new S3Exception(S3Error.InvalidRequest, "Cannot specify both Range header and partNumber query parameter");
            }
        }

        if (context.Principal is null && Array.Exists(ReadAnswer.Overrides, o => context.Query.Has(o.Parameter)))
        {
            throw new S3Exception(S3Error.InvalidRequest, "Request specific response headers cannot be used for anonymous GET requests.");
        }

        foreach ((string parameter, string value) in context.Query.Span)
        {
            if (!parameter.StartsWith("response-", StringComparison.Ordinal))
            {
                continue;
            }

            if (value.Any(char.IsControl))
            {
                throw Arguments.Invalid("A response header cannot hold control characters.", parameter, value);
            }
        }
    }

    /// <summary>Sets status and headers for an object, and returns the requested range.</summary>
    /// <exception cref="S3Exception">NotModified, PreconditionFailed, InvalidRange, InvalidPartNumber.</exception>
    public async ValueTask<(long Offset, long Length)> PrepareAsync(S3Context context, StoredObject found)
    {
        IHeaderDictionary headers = context.Response.Headers;
        var facts = new ReadFacts(found.ETag, found.LastModified, found.Size, found.Metadata);
        VersionParameter.Write(context.Response, context.RequiredBucket, found);
        DateTimeOffset now = context.Request.Now;
        ReadAnswer.Identify(context.Response, facts, now);
        ReadAnswer.ThrowIfPreconditionFails(context.Request.Http, facts, now);
        (HttpRange range, Checksum? ofPart) = context.Query.TryGet("partNumber", out string? part)
            ? await PartAsync(context, found, facts, Arguments.PartNumber(part))
            : (ReadAnswer.Range(context.Request.Headers, facts), null);
        if (found.Metadata.Tags.Count > 0)
        {
            headers["x-amz-tagging-count"] = found.Metadata.Tags.Count.ToString(CultureInfo.InvariantCulture);
        }

        await lifecycle.WriteExpirationAsync(context, found);
        if (string.Equals(context.Request.Headers["x-amz-checksum-mode"], "ENABLED", StringComparison.OrdinalIgnoreCase))
        {
            // A part has its own checksum; any other range has none.
            bool whole = range.Offset == 0 && range.Length == found.Size;
            ChecksumOutput.WriteHeaders(headers, ofPart ?? (whole ? found.Checksum : null), found.Checksum?.Type);
        }

        ReadAnswer.Write(context.Response, context.Query, facts, range);
        return (range.Offset, range.Length);
    }

    private async ValueTask<(HttpRange Range, Checksum? Own)> PartAsync(S3Context context, StoredObject found, ReadFacts facts, int number)
    {
        if (!found.HasParts)
        {
            return (ReadAnswer.OnlyPart(facts, number), null);
        }

        ObjectPart part = await reader.FindPartAsync(found, number, context.CancellationToken)
            ?? throw new S3Exception(S3Error.InvalidPartNumber)
            {
                Details =
                [
                    new("PartNumberRequested", number.ToString(CultureInfo.InvariantCulture)),
                    new("ActualPartCount", found.PartCount.ToString(CultureInfo.InvariantCulture)),
                ],
            };
        context.Response.Headers["x-amz-mp-parts-count"] = found.PartCount.ToString(CultureInfo.InvariantCulture);
        return (new HttpRange(part.Size == 0 ? RangeKind.Whole : RangeKind.Partial, part.Offset, part.Size), part.Checksum);
    }
}
