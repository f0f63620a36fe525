using Tarn.Core.Errors;

namespace Tarn.S3.Requests;

/// <summary>Authenticates a request before any of its body is read.</summary>
internal interface IRequestAuthenticator
{
    /// <exception cref="S3Exception">The credentials are incomplete, unknown or expired, or the signature does not match.</exception>
    ValueTask<S3Caller> AuthenticateAsync(S3Request request);
}

/// <summary>Decides whether the caller may do what the request asks, before any of its body is read.</summary>
internal interface IRequestAuthorizer
{
    /// <exception cref="S3Exception">AccessDenied, or NoSuchBucket where the caller may learn that.</exception>
    ValueTask<S3Context> AuthorizeAsync(S3Caller caller, S3Answer answer);
}

/// <summary>An operation that authenticates and authorizes its own requests. See <see cref="Routing.OperationAuthorization.Itself"/>.</summary>
internal interface ISelfAuthorizingOperation : IOperation, IRequestAuthenticator, IRequestAuthorizer;
