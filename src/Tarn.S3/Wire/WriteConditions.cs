using System.Globalization;
using Microsoft.AspNetCore.Http;
using Tarn.Core.Errors;
using Tarn.Core.Objects;

namespace Tarn.S3.Wire;

/// <summary>The conditional headers of writes and deletes. Source: Amazon S3 User Guide, "Conditional requests".</summary>
internal static class WriteConditions
{
    /// <exception cref="S3Exception">NotImplemented for what S3 does not support on writes.</exception>
    public static WriteCondition Read(IHeaderDictionary headers)
    {
        string? ifMatch = headers.IfMatch.Count == 0 ? null : headers.IfMatch.ToString();
        string? ifNoneMatch = headers.IfNoneMatch.Count == 0 ? null : headers.IfNoneMatch.ToString();
        if (ifNoneMatch is not (null or "*") || (ifMatch is not null && ifNoneMatch is not null))
        {
            throw new S3Exception(S3Error.NotImplemented) { Details = [new("Header", "If-None-Match")] };
        }

        return ifMatch is null && ifNoneMatch is null ? WriteCondition.None : new WriteCondition(ifMatch, ifNoneMatch is not null);
    }

    /// <exception cref="S3Exception">InvalidArgument when a time or size is malformed.</exception>
    public static DeleteCondition ReadDelete(IHeaderDictionary headers) => Delete(
        headers.IfMatch.Count == 0 ? null : headers.IfMatch.ToString(),
        headers["x-amz-if-match-last-modified-time"],
        headers["x-amz-if-match-size"]);

    /// <summary>The condition of one key, from headers or from an entry of DeleteObjects.</summary>
    public static DeleteCondition Delete(string? ifMatch, string? lastModified, string? size)
    {
        if (ifMatch is null && lastModified is null && size is null)
        {
            return DeleteCondition.None;
        }

        DateTimeOffset? time = null;
        if (lastModified is not null)
        {
            time = HttpDate.TryParse(lastModified, out DateTimeOffset parsed)
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
