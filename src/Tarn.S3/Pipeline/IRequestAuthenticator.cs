using Tarn.Core.Identity;
using Tarn.Core.Objects.Writing;
using Tarn.S3.Auth;

namespace Tarn.S3.Pipeline;

/// <summary>Finds out who sent a request, before any of its body is read.</summary>
internal interface IRequestAuthenticator
{
    /// <exception cref="Core.Errors.S3Exception">The credentials are missing parts, unknown, expired or do not match.</exception>
    ValueTask<IAuthenticatedRequest> AuthenticateAsync(S3Context context);
}

/// <summary>The outcome of authentication: the principal, and how this request's body is to be verified.</summary>
internal interface IAuthenticatedRequest
{
    /// <summary>Null when the request is anonymous.</summary>
    Principal? Principal { get; }

    /// <summary>What is known of the signature; the default for an anonymous request.</summary>
    SignatureFacts Signature { get; }

    /// <summary>Starts reading the body, verified as the request's signature demands. Called at most once.</summary>
    IUploadBody OpenBody();
}

/// <summary>Decides whether the principal may do what the request asks, before any of its body is read.</summary>
internal interface IRequestAuthorizer
{
    /// <exception cref="Core.Errors.S3Exception">AccessDenied, or NoSuchBucket where that may be known.</exception>
    ValueTask AuthorizeAsync(S3Context context);
}
