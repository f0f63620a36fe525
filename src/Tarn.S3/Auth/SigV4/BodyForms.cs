using Microsoft.AspNetCore.Http;
using Tarn.Core.Errors;

namespace Tarn.S3.Auth.SigV4;

/// <summary>Decides how to verify a body from the signed payload hash and the x-amz-content-sha256 header.</summary>
internal static class BodyForms
{
    /// <summary>An anonymous body may be framed and may declare its hash, but cannot have signed chunks.</summary>
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
    /// The signed hash decides. The header counts only when a presigned URL leaves the payload unsigned:
    /// it can then add framing or a hash to check, but never removes a check.
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
