namespace Tarn.S3.Auth.SigV4;

/// <summary>
/// The seed of the chain of chunk signatures. Source: "Signature Calculations for the Authorization Header:
/// Transferring Payload in Multiple Chunks", Amazon S3 API Reference.
/// </summary>
/// <param name="SigningKey">Derived key, 32 bytes; shared with the cache and so read-only.</param>
/// <param name="Timestamp">yyyyMMddTHHmmssZ of the request.</param>
/// <param name="Scope">date/region/s3/aws4_request.</param>
/// <param name="Signature">The verified signature of the request headers, 64 hex digits.</param>
internal sealed record ChunkSigningSeed(byte[] SigningKey, string Timestamp, string Scope, string Signature);
