using Tarn.Core.Errors;

namespace Tarn.S3.Requests;

/// <summary>Finds out who sent a request, before any of its body is read.</summary>
internal interface IRequestAuthenticator
{
    /// <exception cref="S3Exception">The credentials are missing parts, unknown, expired or do not match.</exception>
    ValueTask<S3Caller> AuthenticateAsync(S3Request request);
}

/// <summary>Decides whether the caller may do what the request asks, before any of its body is read.</summary>
internal interface IRequestAuthorizer
{
    /// <exception cref="S3Exception">AccessDenied, or NoSuchBucket where that may be known.</exception>
    ValueTask<S3Context> AuthorizeAsync(S3Caller caller, S3Answer answer);
}

/// <summary>An operation that authorizes itself: it finds out who asks and whether they may. See <see cref="Routing.OperationAuthorization.Itself"/>.</summary>
internal interface ISelfAuthorizingOperation : IOperation, IRequestAuthenticator, IRequestAuthorizer;
