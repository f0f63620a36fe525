using Tarn.Core.Errors;

namespace Tarn.S3.Auth.SigV4;

/// <summary>Refuses a request whose signature does not prove that its sender has the secret of the access key that it names.</summary>
/// <param name="error">SignatureDoesNotMatch or InvalidAccessKeyId.</param>
/// <param name="accessKeyId">The access key id that the request names.</param>
internal sealed class SignatureException(S3Error error, string accessKeyId) : S3Exception(error)
{
    /// <summary>The access key id that the request names.</summary>
    public string AccessKeyId { get; } = accessKeyId;

    /// <summary>The string to sign, as the server computed it; null when the access key does not exist, so that nothing was compared.</summary>
    public string? StringToSign { get; init; }

    /// <summary>The canonical request, as the server computed it; null for Signature Version 2 and for forms, which have none.</summary>
    public string? CanonicalRequest { get; init; }
}
