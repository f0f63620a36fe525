using Tarn.Core.Identity;
using Tarn.S3.Requests;

namespace Tarn.S3.Auth.SigV4;

/// <summary>Who sent the request and how to verify its body. A struct, so that the hot path allocates nothing for it.</summary>
/// <param name="Principal">The signer; null for an anonymous request.</param>
/// <param name="Body">How to verify the body.</param>
/// <param name="Signature">The facts about the signature that policy conditions use.</param>
internal readonly record struct AuthenticationResult(Principal? Principal, BodySigning Body, SignatureFacts Signature = default)
{
    /// <summary>The access key that signed; null for an anonymous request and for a token.</summary>
    public Credential? Credential { get; init; }
}

/// <summary>The form of body that x-amz-content-sha256 announces.</summary>
internal enum BodySigningKind
{
    /// <summary>Plain bytes of which only the length is checked (UNSIGNED-PAYLOAD, anonymous, presigned).</summary>
    Unsigned,

    /// <summary>Plain bytes whose SHA-256 must match the declared one.</summary>
    Sha256,

    /// <summary>STREAMING-AWS4-HMAC-SHA256-PAYLOAD: aws-chunked, every chunk signed.</summary>
    SignedChunks,

    /// <summary>STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER: aws-chunked, every chunk and the trailer signed.</summary>
    SignedChunksAndTrailer,

    /// <summary>STREAMING-UNSIGNED-PAYLOAD-TRAILER: aws-chunked without signatures, with a trailer.</summary>
    UnsignedChunksAndTrailer,
}

/// <summary>How to verify the body, taken only from what was signed.</summary>
/// <param name="Kind">The form of the body.</param>
/// <param name="Sha256">Declared SHA-256 in hex when <paramref name="Kind"/> is <see cref="BodySigningKind.Sha256"/>.</param>
/// <param name="Chunks">Start of the chain of chunk signatures for the two signed chunk kinds.</param>
internal readonly record struct BodySigning(BodySigningKind Kind, string? Sha256 = null, ChunkSigningSeed? Chunks = null);
