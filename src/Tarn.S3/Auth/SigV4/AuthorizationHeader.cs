using Microsoft.AspNetCore.Http;
using Tarn.Core.Errors;

namespace Tarn.S3.Auth.SigV4;

/// <summary>Reads a claim from "Authorization: AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…".</summary>
internal static class AuthorizationHeader
{
    /// <summary>Reads the claim and the time of signing.</summary>
    /// <param name="authorization">The header's value.</param>
    /// <param name="headers">All headers.</param>
    /// <param name="signedAt">The time of signing.</param>
    /// <param name="payloadHash">The payload hash; null: that in its header.</param>
    public static SigV4Claim Parse(string authorization, IHeaderDictionary headers, out DateTimeOffset signedAt, string? payloadHash = null)
    {
        ReadOnlyMemory<char> credential = default, signedHeaders = default, signature = default;
        var rest = authorization.AsMemory(SigV4Signer.Algorithm.Length);
        while (!rest.IsEmpty)
        {
            var comma = rest.Span.IndexOf(',');
            var part = (comma < 0 ? rest : rest[..comma]).Trim();
            rest = comma < 0 ? default : rest[(comma + 1)..];
            if (part.IsEmpty)
            {
                continue;
            }

            var equals = part.Span.IndexOf('=');
            var name = equals < 0 ? part.Span : part.Span[..equals];
            var value = equals < 0 ? default : part[(equals + 1)..];
            switch (name)
            {
                case "Credential" when credential.IsEmpty:
                    credential = value;
                    break;
                case "SignedHeaders" when signedHeaders.IsEmpty:
                    signedHeaders = value;
                    break;
                case "Signature" when signature.IsEmpty:
                    signature = value;
                    break;
                default:
                    throw AuthErrors.HeaderMalformed($"the authorization component \"{part}\" is malformed");
            }
        }

        if (credential.IsEmpty || signedHeaders.IsEmpty || signature.IsEmpty)
        {
            throw AuthErrors.HeaderMalformed("the authorization header requires three components: Credential, SignedHeaders, and Signature.");
        }

        return new SigV4Claim(credential, signedHeaders, signature, Timestamp(headers, out signedAt), payloadHash ?? PayloadHash(headers), Presigned: false);
    }

    private static string Timestamp(IHeaderDictionary headers, out DateTimeOffset signedAt)
    {
        var amzDate = headers["x-amz-date"];
        if (amzDate.Count > 0)
        {
            return amzDate.Count == 1 && AmzDate.TryParse(amzDate[0], out signedAt) ? amzDate[0]! : throw AuthErrors.DateRequired();
        }

        var date = headers.Date;
        if (date.Count != 1)
        {
            throw AuthErrors.DateRequired();
        }

        if (AmzDate.TryParse(date[0], out signedAt))
        {
            return date[0]!;
        }

        return AmzDate.TryParseHttpDate(date[0] ?? "", out signedAt) ? AmzDate.Format(signedAt) : throw AuthErrors.DateRequired();
    }

    private static string PayloadHash(IHeaderDictionary headers)
    {
        var hash = headers[PayloadForms.Header];
        return hash.Count switch
        {
            0 => throw new S3Exception(S3Error.InvalidRequest, "Missing required header for this request: x-amz-content-sha256"),
            1 => hash[0] ?? "",
            _ => throw AuthErrors.ContentSha256Invalid(hash.ToString()),
        };
    }
}
