using System.Globalization;
using Microsoft.AspNetCore.Http;
using Tarn.Core.Errors;
using Tarn.Core.Objects;
using Tarn.S3.Pipeline;
using Tarn.S3.Wire;

namespace Tarn.S3.Operations.Objects;

/// <summary>
/// What GET and HEAD of an object have in common: preconditions, the range or part that is wanted, and the headers.
/// Source: Amazon S3 API Reference, GetObject and HeadObject.
/// </summary>
internal sealed class ObjectAnswer(ObjectReader reader, LifecycleHeaders lifecycle, TimeProvider clock)
{
    private static readonly (string Parameter, string Header)[] Overrides =
    [
        ("response-content-type", "Content-Type"),
        ("response-content-language", "Content-Language"),
        ("response-expires", "Expires"),
        ("response-cache-control", "Cache-Control"),
        ("response-content-disposition", "Content-Disposition"),
        ("response-content-encoding", "Content-Encoding"),
    ];

    /// <summary>Refuses a request that is wrong whatever the object is.</summary>
    /// <exception cref="S3Exception">InvalidRequest, InvalidArgument.</exception>
    public static void Validate(S3Context context)
    {
        if (context.Query.TryGet("partNumber", out string? part))
        {
            Arguments.PartNumber(part);
            if (context.Request.Headers.Range.Count > 0)
            {
                throw new S3Exception(S3Error.InvalidRequest, "Cannot specify both Range header and partNumber query parameter");
            }
        }

        if (context.Principal is null && Array.Exists(Overrides, o => context.Query.Has(o.Parameter)))
        {
            throw new S3Exception(S3Error.InvalidRequest, "Request specific response headers cannot be used for anonymous GET requests.");
        }

        foreach ((string parameter, _) in context.Query.Pairs.Count == 0 ? [] : Overrides)
        {
            if (context.Query.TryGet(parameter, out string? value) && value.Any(char.IsControl))
            {
                throw Arguments.Invalid("A response header cannot hold control characters.", parameter, value);
            }
        }
    }

    /// <summary>Sets status and headers for an object, and tells which of its bytes are wanted.</summary>
    /// <exception cref="S3Exception">NotModified, PreconditionFailed, InvalidRange, InvalidPartNumber.</exception>
    public async ValueTask<(long Offset, long Length)> PrepareAsync(S3Context context, StoredObject found)
    {
        HttpResponse response = context.Response;
        IHeaderDictionary headers = response.Headers;
        VersionParameter.Write(response, context.RequiredBucket, found);
        headers.ETag = $"\"{found.ETag}\"";
        headers.LastModified = HttpDate.Format(found.LastModified);
        CheckPreconditions(context, found);

        HttpRange range = await RangeAsync(context, found);
        headers.AcceptRanges = "bytes";
        ObjectHeaders.Write(found.Metadata, headers);
        if (found.Metadata.Tags.Count > 0)
        {
            headers["x-amz-tagging-count"] = found.Metadata.Tags.Count.ToString(CultureInfo.InvariantCulture);
        }

        await lifecycle.WriteExpirationAsync(context, found);
        Override(context, headers);
        bool whole = range.Offset == 0 && range.Length == found.Size;
        if (whole && string.Equals(context.Request.Headers["x-amz-checksum-mode"], "ENABLED", StringComparison.OrdinalIgnoreCase))
        {
            ChecksumOutput.WriteHeaders(headers, found.Checksum);
        }

        if (range.Kind == RangeKind.Partial)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            headers.ContentRange = range.ContentRange(found.Size);
        }

        response.ContentLength = range.Length;
        return (range.Offset, range.Length);
    }

    private void CheckPreconditions(S3Context context, StoredObject found)
    {
        Preconditions conditions = Preconditions.From(context.Request.Headers);
        if (conditions.IsEmpty)
        {
            return;
        }

        switch (conditions.Evaluate(found.ETag.ToString(), found.LastModified, clock.GetUtcNow()))
        {
            case PreconditionOutcome.NotModified:
                ObjectHeaders.Write(found.Metadata, context.Response.Headers);
                throw new S3Exception(S3Error.NotModified);
            case PreconditionOutcome.Failed:
                throw new S3Exception(S3Error.PreconditionFailed)
                {
                    Details = [new("Condition", conditions.IfMatch is not null ? "If-Match" : "If-Unmodified-Since")],
                };
        }
    }

    private async ValueTask<HttpRange> RangeAsync(S3Context context, StoredObject found)
    {
        if (context.Query.TryGet("partNumber", out string? text))
        {
            return await PartAsync(context, found, Arguments.PartNumber(text));
        }

        string? header = context.Request.Headers.Range.Count == 0 || !IfRangeHolds(context, found) ? null : context.Request.Headers.Range.ToString();
        HttpRange range = HttpRange.Parse(header, found.Size);
        return range.Kind == RangeKind.Unsatisfiable ? throw HttpRange.Unsatisfiable(header, found.Size) : range;
    }

    private async ValueTask<HttpRange> PartAsync(S3Context context, StoredObject found, int number)
    {
        if (!found.HasParts)
        {
            return number == 1
                ? new HttpRange(found.Size == 0 ? RangeKind.Whole : RangeKind.Partial, 0, found.Size)
                : throw new S3Exception(S3Error.InvalidPartNumber);
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
        return new HttpRange(part.Size == 0 ? RangeKind.Whole : RangeKind.Partial, part.Offset, part.Size);
    }

    /// <summary>A resumed download asks for a range only if the object is still the same. Source: RFC 9110, section 13.1.5.</summary>
    private static bool IfRangeHolds(S3Context context, StoredObject found)
    {
        string ifRange = context.Request.Headers.IfRange.ToString();
        if (ifRange.Length == 0)
        {
            return true;
        }

        return HttpDate.TryParse(ifRange, out DateTimeOffset time) ? found.LastModified == time : found.ETag.Matches(ifRange);
    }

    private static void Override(S3Context context, IHeaderDictionary headers)
    {
        if (context.Query.Pairs.Count == 0)
        {
            return;
        }

        foreach ((string parameter, string header) in Overrides)
        {
            if (context.Query.TryGet(parameter, out string? value))
            {
                headers[header] = value;
            }
        }
    }
}
