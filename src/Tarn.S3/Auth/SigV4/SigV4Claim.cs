namespace Tarn.S3.Auth.SigV4;

/// <summary>The unverified claim of a signed request, from the Authorization header or the query.</summary>
/// <param name="Credential">key id/yyyyMMdd/region/service/aws4_request.</param>
/// <param name="SignedHeaders">Header names separated by ';'.</param>
/// <param name="Signature">Signature as sent.</param>
/// <param name="Timestamp">yyyyMMddTHHmmssZ of the request.</param>
/// <param name="PayloadHash">The payload hash of the canonical request.</param>
/// <param name="Presigned">Whether the claim is in the query.</param>
internal readonly record struct SigV4Claim(
    ReadOnlyMemory<char> Credential,
    ReadOnlyMemory<char> SignedHeaders,
    ReadOnlyMemory<char> Signature,
    string Timestamp,
    string PayloadHash,
    bool Presigned);
