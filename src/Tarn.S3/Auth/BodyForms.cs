using Microsoft.AspNetCore.Http;
using Tarn.Core.Errors;
using Tarn.S3.Auth.SigV4;

namespace Tarn.S3.Auth;

/// <summary>Decides how a body is verified from the payload hash that was signed and the header that came with the bytes.</summary>
internal static class BodyForms
{
    /// <summary>An anonymous body may be framed and may declare its hash, but there is no key that could have signed chunks.</summary>
    public static BodySigning Anonymous(IHeaderDictionary headers)
    {
        var header = headers[PayloadForms.Header];
        if (header.Count == 0)
        {
            return default;
        }

        var text = header.ToString();
        var kind = PayloadForms.Parse(text);
        return kind is BodySigningKind.SignedChunks or BodySigningKind.SignedChunksAndTrailer
            ? throw new S3Exception(S3Error.InvalidRequest, "A signed payload requires a signed request.")
            : Of(kind, text);
    }

    /// <summary>
    /// The signed hash decides. Only where a presigned URL left the payload unsigned does the header that came with the
    /// bytes: it can then add framing or a hash to check, and never takes a check away.
    /// </summary>
    public static BodySigning Decide(SigV4Claim claim, IHeaderDictionary headers)
    {
        var signed = PayloadForms.Parse(claim.PayloadHash);
        var header = headers[PayloadForms.Header];
        if (!claim.Presigned || header.Count == 0)
        {
            return Of(signed, claim.PayloadHash);
        }

        var text = header.ToString();
        if (signed != BodySigningKind.Unsigned)
        {
            return text == claim.PayloadHash ? Of(signed, text) : throw new S3Exception(S3Error.ContentSha256Mismatch);
        }

        return Anonymous(headers);
    }

    private static BodySigning Of(BodySigningKind kind, string text) =>
        new(kind, kind == BodySigningKind.Sha256 ? text : null);
}
