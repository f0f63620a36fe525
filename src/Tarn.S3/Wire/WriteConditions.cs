using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Tarn.Core.Errors;
using Tarn.Core.Objects.Writing;

namespace Tarn.S3.Wire;

/// <summary>The conditional headers of writes and deletes. Source: Amazon S3 User Guide, "Conditional requests".</summary>
internal static class WriteConditions
{
    private const string LastModifiedTime = "x-amz-if-match-last-modified-time";
    private const string Size = "x-amz-if-match-size";

    /// <summary>Reads the condition of a write. If-Modified-Since has no meaning there, and a malformed date counts as not sent (RFC 9110, 13.1).</summary>
    public static WriteCondition Read(IHeaderDictionary headers)
    {
        string? ifMatch = Preconditions.Text(headers.IfMatch);
        string? ifNoneMatch = Preconditions.Text(headers.IfNoneMatch);
        DateTimeOffset? unmodified =
            headers.IfUnmodifiedSince.Count > 0 && HeaderUtilities.TryParseDate(headers.IfUnmodifiedSince.ToString(), out DateTimeOffset time) ? time : null;
        return ifMatch is null && ifNoneMatch is null && unmodified is null
            ? WriteCondition.None
            : new WriteCondition(ifMatch, ifNoneMatch, unmodified);
    }

    /// <summary>Reads the condition of a delete: that of a write and S3's additional headers.</summary>
    /// <exception cref="S3Exception">InvalidArgument when a time or size is malformed.</exception>
    public static DeleteCondition ReadDelete(IHeaderDictionary headers)
    {
        WriteCondition standard = Read(headers);
        DeleteCondition condition = Delete(standard.IfMatch, headers[LastModifiedTime], headers[Size]);
        return standard.IfNoneMatch is null && standard.UnmodifiedSince is null
            ? condition
            : condition with { IfNoneMatch = standard.IfNoneMatch, UnmodifiedSince = standard.UnmodifiedSince };
    }

    /// <summary>Parses the condition of one key, from headers or from an entry of DeleteObjects.</summary>
    public static DeleteCondition Delete(string? ifMatch, string? lastModified, string? size)
    {
        if (ifMatch is null && lastModified is null && size is null)
        {
            return DeleteCondition.None;
        }

        DateTimeOffset? time = null;
        if (lastModified is not null)
        {
            time = HeaderUtilities.TryParseDate(lastModified, out DateTimeOffset parsed)
                || DateTimeOffset.TryParse(lastModified, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out parsed)
                ? parsed
                : throw Invalid("LastModifiedTime", lastModified);
        }

        long? bytes = null;
        if (size is not null)
        {
            bytes = long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out long value) ? value : throw Invalid("Size", size);
        }

        return new DeleteCondition(ifMatch, time, bytes);
    }

    private static S3Exception Invalid(string name, string value) =>
        new(S3Error.InvalidArgument) { Details = [new("ArgumentName", name), new("ArgumentValue", value)] };
}
