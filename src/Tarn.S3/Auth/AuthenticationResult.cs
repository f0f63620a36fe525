using Tarn.Core.Identity;
using Tarn.S3.Auth.SigV4;
using Tarn.S3.Requests;

namespace Tarn.S3.Auth;

/// <summary>Who sent the request and how its body is to be verified. A struct: the hot path allocates nothing for it.</summary>
/// <param name="Principal">The signer; null for an anonymous request.</param>
/// <param name="Body">What vouches for the body.</param>
/// <param name="Signature">What policies may ask about the signature.</param>
internal readonly record struct AuthenticationResult(Principal? Principal, BodySigning Body, SignatureFacts Signature = default);

/// <summary>What a request's x-amz-content-sha256 says about its body.</summary>
internal enum BodySigningKind
{
    /// <summary>Bytes as they are; nothing vouches for them but their length (UNSIGNED-PAYLOAD, anonymous, presigned).</summary>
    Unsigned,

    /// <summary>Bytes as they are; their SHA-256 is declared and must match.</summary>
    Sha256,

    /// <summary>STREAMING-AWS4-HMAC-SHA256-PAYLOAD: aws-chunked, every chunk signed.</summary>
    SignedChunks,

    /// <summary>STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER: aws-chunked, every chunk and the trailer signed.</summary>
    SignedChunksAndTrailer,

    /// <summary>STREAMING-UNSIGNED-PAYLOAD-TRAILER: aws-chunked without signatures, with a trailer.</summary>
    UnsignedChunksAndTrailer,
}

/// <summary>How the body is verified, decided from signed material only.</summary>
/// <param name="Kind">The form of the body.</param>
/// <param name="Sha256">Declared SHA-256 in hex when <paramref name="Kind"/> is <see cref="BodySigningKind.Sha256"/>.</param>
/// <param name="Chunks">Start of the chain of chunk signatures for the two signed chunk kinds.</param>
internal readonly record struct BodySigning(BodySigningKind Kind, string? Sha256 = null, ChunkSigningSeed? Chunks = null);
