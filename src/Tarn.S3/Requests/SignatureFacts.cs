namespace Tarn.S3.Requests;

/// <summary>What is known of the signature of a request, from signed material only.</summary>
/// <param name="Mechanism">Where it was, and of which version.</param>
/// <param name="SignedAt">When it was made; null where that is not told: in URLs and forms of Signature Version 2.</param>
/// <param name="Payload">What it vouches for of the body, as <c>x-amz-content-sha256</c> says it; null for a request that is not signed.</param>
internal readonly record struct SignatureFacts(AuthMechanism Mechanism, DateTimeOffset? SignedAt, string? Payload);
