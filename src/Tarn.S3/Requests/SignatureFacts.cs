namespace Tarn.S3.Requests;

/// <summary>The facts about a request's signature, taken only from what was signed.</summary>
/// <param name="Mechanism">Its place and version.</param>
/// <param name="SignedAt">The time of signing; null for URLs and forms of Signature Version 2, which do not hold it.</param>
/// <param name="Payload">How it covers the body, as in <c>x-amz-content-sha256</c>; null for an unsigned request.</param>
internal readonly record struct SignatureFacts(AuthMechanism Mechanism, DateTimeOffset? SignedAt, string? Payload);
