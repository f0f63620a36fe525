using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Tarn.S3.Auth.SigV4;

/// <summary>
/// Reads a claim from the query of a presigned URL.
/// Source: "Authenticating Requests: Using Query Parameters (AWS Signature Version 4)".
/// </summary>
internal static class PresignedQuery
{
    /// <summary>The longest life of a presigned URL: seven days, in seconds.</summary>
    private const long MaxExpires = 604_800;

    /// <summary>Reads the claim, the time of signing, and for how many seconds it is valid.</summary>
    public static SigV4Claim Parse(ReadOnlyMemory<char> query, IHeaderDictionary headers, out DateTimeOffset signedAt, out long expires)
    {
        string? algorithm = null, date = null, expiry = null, hash = null;
        ReadOnlyMemory<char> credential = default, signedHeaders = default, signature = default;
        while (RawTarget.NextParameter(ref query, out var rawName, out var rawValue))
        {
            var name = UriEncoding.Decode(rawName).Span;
            switch (name)
            {
                case "X-Amz-Algorithm":
                    Once(ref algorithm, rawValue);
                    break;
                case "X-Amz-Credential":
                    Once(ref credential, rawValue);
                    break;
                case "X-Amz-Date":
                    Once(ref date, rawValue);
                    break;
                case "X-Amz-Expires":
                    Once(ref expiry, rawValue);
                    break;
                case "X-Amz-SignedHeaders":
                    Once(ref signedHeaders, rawValue);
                    break;
                case "X-Amz-Signature":
                    Once(ref signature, rawValue);
                    break;
                default:
                    // A header moved to the query; the JavaScript SDK leaves its name in lower case.
                    if (name.Equals(PayloadForms.Header, StringComparison.OrdinalIgnoreCase))
                    {
                        Once(ref hash, rawValue);
                    }

                    break;
            }
        }

        if (algorithm is null || date is null || expiry is null || credential.IsEmpty || signedHeaders.IsEmpty || signature.IsEmpty)
        {
            throw AuthErrors.QueryMalformed(
                "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.");
        }

        if (algorithm != SigV4Signer.Algorithm)
        {
            throw AuthErrors.QueryMalformed("X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"");
        }

        if (!AmzDate.TryParse(date, out signedAt))
        {
            throw AuthErrors.QueryMalformed("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
        }

        expires = Expires(expiry);
        return new SigV4Claim(credential, signedHeaders, signature, date, hash ?? HeaderHash(headers, signedHeaders.Span), Presigned: true);
    }

    private static long Expires(string text)
    {
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds))
        {
            throw AuthErrors.QueryMalformed("X-Amz-Expires should be a number");
        }

        return seconds switch
        {
            < 0 => throw AuthErrors.QueryMalformed("X-Amz-Expires must be non-negative"),
            > MaxExpires => throw AuthErrors.QueryMalformed(
                "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds"),
            _ => seconds,
        };
    }

    /// <summary>The payload hash is that of a signed x-amz-content-sha256 header; otherwise the payload is unsigned.</summary>
    private static string HeaderHash(IHeaderDictionary headers, ReadOnlySpan<char> signedHeaders)
    {
        foreach (var name in signedHeaders.Split(';'))
        {
            if (signedHeaders[name].Equals(PayloadForms.Header, StringComparison.OrdinalIgnoreCase))
            {
                return headers[PayloadForms.Header].ToString();
            }
        }

        return PayloadForms.Unsigned;
    }

    private static void Once(ref string? slot, ReadOnlyMemory<char> raw)
    {
        ReadOnlyMemory<char> value = slot.AsMemory();
        Once(ref value, raw);
        slot = value.ToString();
    }

    /// <summary>Refuses a parameter that comes twice: this code and the canonical request could use different values.</summary>
    private static void Once(ref ReadOnlyMemory<char> slot, ReadOnlyMemory<char> raw)
    {
        if (!slot.IsEmpty)
        {
            throw AuthErrors.QueryMalformed("Query-string authentication parameters must not be repeated.");
        }

        slot = UriEncoding.Decode(raw);
    }
}
