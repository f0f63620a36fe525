using Tarn.Core.Errors;

namespace Tarn.S3.Auth.SigV4;

/// <summary>The refusal of a request that names an access key and does not prove that it holds it.</summary>
/// <param name="error">SignatureDoesNotMatch or InvalidAccessKeyId.</param>
/// <param name="accessKeyId">The access key id that the request names.</param>
internal sealed class SignatureException(S3Error error, string accessKeyId) : S3Exception(error)
{
    /// <summary>The access key id that the request names.</summary>
    public string AccessKeyId { get; } = accessKeyId;

    /// <summary>What the server saw to be signed; null when there is no such key, and so nothing was compared.</summary>
    public string? StringToSign { get; init; }

    /// <summary>As Signature Version 4 defines it; null for other versions, and for forms.</summary>
    public string? CanonicalRequest { get; init; }
}
