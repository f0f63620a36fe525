using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Tarn.Core.Model;

namespace Tarn.S3.Wire;

/// <summary>The result of checking conditional headers against an object.</summary>
internal enum PreconditionOutcome
{
    /// <summary>The conditions hold.</summary>
    Holds,

    /// <summary>The client already has the object: 304 for GET and HEAD.</summary>
    NotModified,

    /// <summary>412 PreconditionFailed.</summary>
    Failed,
}

/// <summary>
/// The conditional headers of a request. An If-Match that holds overrides If-Unmodified-Since; If-None-Match, whatever its result,
/// overrides If-Modified-Since. Source: RFC 9110, section 13; Amazon S3 API Reference, GetObject and CopyObject.
/// </summary>
internal readonly record struct Preconditions(string? IfMatch, string? IfNoneMatch, string? IfModifiedSince, string? IfUnmodifiedSince)
{
    /// <summary>True when there is nothing to check.</summary>
    public bool IsEmpty => (IfMatch ?? IfNoneMatch ?? IfModifiedSince ?? IfUnmodifiedSince) is null;

    /// <summary>The headers about the request's own object.</summary>
    public static Preconditions From(IHeaderDictionary headers) => new(
        Text(headers.IfMatch), Text(headers.IfNoneMatch), Text(headers.IfModifiedSince), Text(headers.IfUnmodifiedSince));

    /// <summary>The headers about the source of a copy, for which <see cref="PreconditionOutcome.NotModified"/> is answered with 412 too.</summary>
    public static Preconditions FromCopySource(IHeaderDictionary headers) => new(
        Text(headers["x-amz-copy-source-if-match"]),
        Text(headers["x-amz-copy-source-if-none-match"]),
        Text(headers["x-amz-copy-source-if-modified-since"]),
        Text(headers["x-amz-copy-source-if-unmodified-since"]));

    /// <summary>Checks the conditions against an existing object.</summary>
    /// <param name="etag">Without quotes.</param>
    /// <param name="lastModified">Compared in whole seconds, as in headers.</param>
    /// <param name="now">The current time; a later date in If-Modified-Since is ignored.</param>
    public PreconditionOutcome Evaluate(ReadOnlySpan<char> etag, DateTimeOffset lastModified, DateTimeOffset now)
    {
        if (IsEmpty)
        {
            return PreconditionOutcome.Holds;
        }

        DateTimeOffset modified = lastModified.AddTicks(-(lastModified.Ticks % TimeSpan.TicksPerSecond));
        if (IfMatch is not null)
        {
            if (!EntityTagList.Holds(IfMatch, etag, weak: true))
            {
                return PreconditionOutcome.Failed;
            }
        }
        else if (HeaderUtilities.TryParseDate(IfUnmodifiedSince, out DateTimeOffset unmodifiedSince) && modified > unmodifiedSince)
        {
            return PreconditionOutcome.Failed;
        }

        if (IfNoneMatch is not null)
        {
            return EntityTagList.Holds(IfNoneMatch, etag, weak: true) ? PreconditionOutcome.NotModified : PreconditionOutcome.Holds;
        }

        return HeaderUtilities.TryParseDate(IfModifiedSince, out DateTimeOffset modifiedSince) && modifiedSince <= now && modified <= modifiedSince
            ? PreconditionOutcome.NotModified
            : PreconditionOutcome.Holds;
    }

    /// <summary>A header's lines joined into one list; null when it is missing.</summary>
    public static string? Text(Microsoft.Extensions.Primitives.StringValues values) => values.Count switch
    {
        0 => null,
        1 => values[0],
        _ => string.Join(',', values.ToArray()),
    };
}
