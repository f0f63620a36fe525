using Tarn.Core.Errors;

namespace Tarn.S3.Auth.SigV4;

/// <summary>The values of x-amz-content-sha256 and the form of body each announces.</summary>
internal static class PayloadForms
{
    public const string Header = "x-amz-content-sha256";
    public const string Unsigned = "UNSIGNED-PAYLOAD";
    public const string SignedChunks = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
    public const string SignedChunksAndTrailer = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
    public const string UnsignedChunksAndTrailer = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";

    /// <exception cref="S3Exception">The value is not one of S3's.</exception>
    public static BodySigningKind Parse(string value) => value switch
    {
        Unsigned => BodySigningKind.Unsigned,
        SignedChunks => BodySigningKind.SignedChunks,
        SignedChunksAndTrailer => BodySigningKind.SignedChunksAndTrailer,
        UnsignedChunksAndTrailer => BodySigningKind.UnsignedChunksAndTrailer,
        _ when SigV4Signer.IsHash(value) => BodySigningKind.Sha256,
        "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD" or "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER" =>
            throw new S3Exception(S3Error.NotImplemented, "Signature Version 4A (AWS4-ECDSA-P256-SHA256) is not implemented."),
        _ => throw AuthErrors.ContentSha256Invalid(value),
    };
}
