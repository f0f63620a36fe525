using Microsoft.Extensions.Primitives;
using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.S3.Auth.SigV4;

namespace Tarn.S3.Auth;

/// <summary>Where a request carries its signature.</summary>
internal enum AuthMechanism
{
    None,
    Header,
    Query,
    Form,

    /// <summary>A token of the control API in the Authorization header, which is no signature.</summary>
    Token,
}

/// <summary>Finds the one authentication mechanism of a request and refuses those that are not spoken here.</summary>
internal static class AuthMechanisms
{
    /// <exception cref="S3Exception">More than one mechanism, or one that is neither Signature Version 4 nor a token.</exception>
    public static AuthMechanism Detect(StringValues authorization, ReadOnlyMemory<char> query)
    {
        var (version4, version2) = query.IsEmpty ? default : Scan(query);
        if ((authorization.Count > 0 ? 1 : 0) + (version4 ? 1 : 0) + (version2 ? 1 : 0) > 1 || authorization.Count > 1)
        {
            throw AuthErrors.OnlyOneMechanism();
        }

        if (version2)
        {
            throw new S3Exception(S3Error.UnsupportedSignature);
        }

        if (authorization.Count == 0)
        {
            return version4 ? AuthMechanism.Query : AuthMechanism.None;
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

        if (header.StartsWith("AWS ", StringComparison.Ordinal) || header.StartsWith("AWS4-ECDSA-P256-SHA256", StringComparison.Ordinal))
        {
            throw new S3Exception(S3Error.UnsupportedSignature);
        }

        throw AuthErrors.UnsupportedType(header);
    }

    private static (bool Version4, bool Version2) Scan(ReadOnlyMemory<char> query)
    {
        bool version4 = false, version2 = false;
        while (RawTarget.NextParameter(ref query, out var rawName, out _))
        {
            switch (UriEncoding.Decode(rawName).Span)
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

        return (version4, version2);
    }
}
