using Microsoft.Extensions.Primitives;
using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.S3.Auth.SigV4;
using Tarn.S3.Requests;

namespace Tarn.S3.Auth;

/// <summary>Finds the one authentication mechanism of a request and refuses unsupported ones.</summary>
internal static class AuthMechanisms
{
    /// <exception cref="S3Exception">
    /// More than one mechanism; an unsupported one; a header in a query that is not signed.
    /// </exception>
    public static AuthMechanism Detect(StringValues authorization, ReadOnlyMemory<char> query)
    {
        var (version4, version2, header, token) = query.IsEmpty ? default : Scan(query);
        var mechanism = Detect(authorization, version4, version2);
        if (mechanism is AuthMechanism.Header or AuthMechanism.Query)
        {
            return mechanism;
        }

        // Programs that sign URLs with Signature Version 2 put the session token into the query, and sign it as the header that it stands for.
        header = header.IsEmpty && mechanism != AuthMechanism.QueryVersion2 ? token : header;
        return header.IsEmpty ? mechanism : throw AuthErrors.QueryNotSigned(header.Span);
    }

    private static AuthMechanism Detect(StringValues authorization, bool version4, bool version2)
    {
        if ((authorization.Count > 0 ? 1 : 0) + (version4 ? 1 : 0) + (version2 ? 1 : 0) > 1 || authorization.Count > 1)
        {
            throw AuthErrors.OnlyOneMechanism();
        }

        if (authorization.Count == 0)
        {
            return version4 ? AuthMechanism.Query : version2 ? AuthMechanism.QueryVersion2 : AuthMechanism.None;
        }

        var header = authorization[0] ?? "";
        if (header.StartsWith("AWS4-HMAC-SHA256", StringComparison.Ordinal)
            && (header.Length == SigV4Signer.Algorithm.Length || header[SigV4Signer.Algorithm.Length] is ' ' or '\t' or ','))
        {
            return AuthMechanism.Header;
        }

        if (header.StartsWith(ApiTokens.Prefix, StringComparison.Ordinal))
        {
            return AuthMechanism.Token;
        }

        if (header.StartsWith("AWS ", StringComparison.Ordinal))
        {
            return AuthMechanism.HeaderVersion2;
        }

        if (header.StartsWith("AWS4-ECDSA-P256-SHA256", StringComparison.Ordinal))
        {
            throw new S3Exception(S3Error.UnsupportedSignature);
        }

        throw AuthErrors.UnsupportedType(header);
    }

    /// <summary>Finds which signatures the query has, and its first parameter that has the name of a header, a session token apart.</summary>
    private static (bool Version4, bool Version2, ReadOnlyMemory<char> Header, ReadOnlyMemory<char> Token) Scan(ReadOnlyMemory<char> query)
    {
        bool version4 = false, version2 = false;
        ReadOnlyMemory<char> header = default, token = default;
        while (RawTarget.NextParameter(ref query, out var rawName, out _))
        {
            var name = UriEncoding.Decode(rawName);
            if (name.Span.Equals(SessionTokens.Header, StringComparison.OrdinalIgnoreCase))
            {
                token = name;
            }
            else if (header.IsEmpty && QueryHeaders.IsAmazon(name.Span))
            {
                header = name;
            }

            switch (name.Span)
            {
                case "X-Amz-Algorithm" or "X-Amz-Signature" or "X-Amz-Credential":
                    version4 = true;
                    break;
                case "Signature" or "AWSAccessKeyId":
                    version2 = true;
                    break;
                default:
                    break;
            }
        }

        return (version4, version2, header, token);
    }
}
