using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Tarn.Core.Errors;
using Tarn.S3.Routing;
using Tarn.S3.Wire;

namespace Tarn.S3.Reading;

/// <summary>The common part of GET and HEAD of objects and files: preconditions, the requested range, and the headers.</summary>
internal static class ReadAnswer
{
    /// <summary>The response headers that a request may override. Source: Amazon S3 API Reference, GetObject.</summary>
    public static readonly (string Parameter, string Header)[] Overrides =
    [
        ("response-content-type", "Content-Type"),
        ("response-content-language", "Content-Language"),
        ("response-expires", "Expires"),
        ("response-cache-control", "Cache-Control"),
        ("response-content-disposition", "Content-Disposition"),
        ("response-content-encoding", "Content-Encoding"),
    ];

    /// <summary>The headers that a 304 has too.</summary>
    public static void Identify(HttpResponse response, in ReadFacts facts, DateTimeOffset now)
    {
        response.Headers.ETag = $"\"{facts.ETag}\"";
        ModifiedTime.Write(response.Headers, facts.LastModified, now);
    }

    /// <exception cref="S3Exception">NotModified, PreconditionFailed.</exception>
    public static void ThrowIfPreconditionFails(HttpContext http, in ReadFacts facts, DateTimeOffset now)
    {
        Preconditions conditions = Preconditions.From(http.Request.Headers);
        if (conditions.IsEmpty)
        {
            return;
        }

        switch (conditions.Evaluate(facts.ETag.ToString(), facts.LastModified, now))
        {
            case PreconditionOutcome.NotModified:
                ObjectHeaders.Write(facts.Metadata, http.Response.Headers);
                throw new S3Exception(S3Error.NotModified);
            case PreconditionOutcome.Failed:
                throw new S3Exception(S3Error.PreconditionFailed)
                {
                    Details = [new("Condition", conditions.IfMatch is not null ? "If-Match" : "If-Unmodified-Since")],
                };
        }
    }

    /// <summary>Resolves the Range header.</summary>
    /// <exception cref="S3Exception">InvalidRange.</exception>
    public static HttpRange Range(IHeaderDictionary request, in ReadFacts facts)
    {
        string? header = request.Range.Count == 0 || !IfRangeHolds(request, facts) ? null : request.Range.ToString();
        HttpRange range = HttpRange.Parse(header, facts.Size);
        return range.Kind == RangeKind.Unsatisfiable ? throw HttpRange.Unsatisfiable(header, facts.Size) : range;
    }

    /// <summary>The part of an object that was not uploaded in parts: part 1 is the whole.</summary>
    /// <exception cref="S3Exception">InvalidPartNumber for any but the first.</exception>
    public static HttpRange OnlyPart(in ReadFacts facts, int number) => number == 1
        ? new HttpRange(facts.Size == 0 ? RangeKind.Whole : RangeKind.Partial, 0, facts.Size)
        : throw new S3Exception(S3Error.InvalidPartNumber);

    /// <summary>Sets status and headers for the range that is sent.</summary>
    /// <param name="response">The answer.</param>
    /// <param name="query">The query, which may override headers.</param>
    /// <param name="facts">The facts about the content.</param>
    /// <param name="range">The range that is sent.</param>
    public static void Write(HttpResponse response, RequestQuery query, in ReadFacts facts, in HttpRange range)
    {
        Write(response, facts, range);
        Override(query, response.Headers);
    }

    /// <summary>Sets status and headers for the range that is sent, without the overrides of the query.</summary>
    public static void Write(HttpResponse response, in ReadFacts facts, in HttpRange range)
    {
        response.Headers.AcceptRanges = "bytes";
        ObjectHeaders.Write(facts.Metadata, response.Headers);
        if (range.Kind == RangeKind.Partial)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = range.ContentRange(facts.Size);
        }

        response.ContentLength = range.Length;
    }

    /// <summary>Whether If-Range allows the range: a resumed download wants it only if the object has not changed. Source: RFC 9110, section 13.1.5.</summary>
    private static bool IfRangeHolds(IHeaderDictionary request, in ReadFacts facts)
    {
        string ifRange = request.IfRange.ToString();
        if (ifRange.Length == 0)
        {
            return true;
        }

        return HeaderUtilities.TryParseDate(ifRange, out DateTimeOffset time) ? facts.LastModified == time : facts.ETag.Matches(ifRange);
    }

    private static void Override(RequestQuery query, IHeaderDictionary headers)
    {
        if (query.Pairs.Count == 0)
        {
            return;
        }

        foreach ((string parameter, string header) in Overrides)
        {
            if (query.TryGet(parameter, out string? value))
            {
                headers[header] = value;
            }
        }
    }
}
