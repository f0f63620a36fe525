using System.Globalization;
using Microsoft.AspNetCore.Http;
using Tarn.Core.Errors;
using Tarn.S3.Auth.SigV4;

namespace Tarn.S3.Auth.SigV2;

/// <summary>The unverified claim of a request signed with Signature Version 2.</summary>
/// <param name="AccessKeyId">The claimed access key id.</param>
/// <param name="Signature">As sent, decoded once from a query.</param>
/// <param name="Date">The date line of the string to sign.</param>
/// <param name="SignedAt">When it was signed; null in a URL.</param>
internal sealed record SigV2Claim(string AccessKeyId, string Signature, string Date, DateTimeOffset? SignedAt)
{
    private static readonly string[] DateFormats = ["r", "ddd, d MMM yyyy HH:mm:ss 'GMT'"];

    /// <summary>Reads "Authorization: AWS id:signature" and its date.</summary>
    /// <exception cref="S3Exception">InvalidArgument, AccessDenied without a date, RequestTimeTooSkewed.</exception>
    public static SigV2Claim OfHeader(IHeaderDictionary headers, DateTimeOffset now)
    {
        string text = headers.Authorization.ToString()[SigV2Signer.Scheme.Length..].Trim(' ');
        int colon = text.LastIndexOf(':');
        if (colon <= 0 || colon == text.Length - 1)
        {
            throw new S3Exception(S3Error.InvalidArgument, "AWS authorization header is invalid.  Expected AwsAccessKeyId:signature")
            {
                Details = [new("ArgumentName", "Authorization"), new("ArgumentValue", headers.Authorization.ToString())],
            };
        }

        // An x-amz-date is signed among the x-amz-* headers, and the date line stays empty.
        bool amazon = headers.TryGetValue("x-amz-date", out var value);
        value = amazon ? value : headers.Date;
        if (value.Count != 1 || !TryParseDate(value[0] ?? "", out DateTimeOffset at))
        {
            throw AuthErrors.DateRequired();
        }

        ClockSkew.ThrowIfTooSkewed(value[0]!, at, now);
        return new SigV2Claim(text[..colon], text[(colon + 1)..], amazon ? "" : value[0]!, at);
    }

    /// <summary>Reads the parameters of a presigned URL.</summary>
    /// <param name="query">As sent.</param>
    /// <param name="now">The time.</param>
    /// <param name="most">The longest time to its expiry.</param>
    /// <exception cref="S3Exception">AccessDenied: expired or incomplete; AuthorizationQueryParametersError: repeated parameters, or valid for too long.</exception>
    public static SigV2Claim OfQuery(ReadOnlyMemory<char> query, DateTimeOffset now, TimeSpan most)
    {
        string? id = null, signature = null, expires = null;
        while (RawTarget.NextParameter(ref query, out var rawName, out var rawValue))
        {
            switch (UriEncoding.Decode(rawName).Span)
            {
                case "AWSAccessKeyId":
                    Once(ref id, rawValue);
                    break;
                case "Signature":
                    Once(ref signature, rawValue);
                    break;
                case "Expires":
                    Once(ref expires, rawValue);
                    break;
                default:
                    break;
            }
        }

        if (string.IsNullOrEmpty(id) || string.IsNullOrEmpty(signature) || string.IsNullOrEmpty(expires))
        {
            throw new S3Exception(S3Error.AccessDenied, "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters");
        }

        ThrowIfExpiryInvalid(expires, now, most);
        return new SigV2Claim(id, signature, expires, null);
    }

    private static void ThrowIfExpiryInvalid(string expires, DateTimeOffset now, TimeSpan most)
    {
        if (!long.TryParse(expires, NumberStyles.None, CultureInfo.InvariantCulture, out long end))
        {
            throw new S3Exception(S3Error.AccessDenied, $"Invalid date (should be seconds since epoch): {expires}");
        }

        long current = now.ToUnixTimeSeconds();
        if (end < current)
        {
            throw new S3Exception(S3Error.RequestExpired)
            {
                Details = [new("Expires", AmzDate.FormatExtended(DateTimeOffset.FromUnixTimeSeconds(end))), new("ServerTime", AmzDate.FormatExtended(now))],
            };
        }

        if (end - current > (long)most.TotalSeconds)
        {
            throw AuthErrors.LivesTooLong("Expires", most);
        }
    }

    private static bool TryParseDate(string text, out DateTimeOffset value)
    {
        // The documentation's own examples, and s3cmd, write the zone as an offset.
        string gmt = text.EndsWith(" +0000", StringComparison.Ordinal) ? text[..^5] + "GMT"
            : text.EndsWith(" UTC", StringComparison.Ordinal) ? text[..^3] + "GMT" : text;
        return AmzDate.TryParse(text, out value)
            || DateTimeOffset.TryParseExact(
                gmt, DateFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out value);
    }

    private static void Once(ref string? slot, ReadOnlyMemory<char> raw) =>
        slot = slot is null ? UriEncoding.Decode(raw).ToString() : throw AuthErrors.QueryMalformed("Query-string authentication parameters must not be repeated.");
}
