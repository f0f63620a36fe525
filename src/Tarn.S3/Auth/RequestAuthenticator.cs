using Microsoft.AspNetCore.Http.Features;
using Tarn.Core.Objects.Writing;
using Tarn.S3.Auth.SigV4;
using Tarn.S3.Requests;

namespace Tarn.S3.Auth;

/// <summary>Connects authentication to the pipeline: who sent the request, and the reader that verifies its body.</summary>
internal sealed class RequestAuthenticator(Authenticator authenticator, UploadBodyFactory bodies) : IRequestAuthenticator
{
    public async ValueTask<S3Caller> AuthenticateAsync(S3Request request) => new SignedCaller(request, await authenticator.AuthenticateAsync(
        request.Http, request.Address.IsVirtualHost ? request.Address.Bucket : null, request.Operation is { TakesAnyRegion: true }), bodies);

    /// <summary>The caller of a request that was signed as a whole or not at all.</summary>
    private sealed class SignedCaller(S3Request request, AuthenticationResult result, UploadBodyFactory bodies)
        : S3Caller(request, result.Principal, result.Signature)
    {
        protected override IUploadBody OpenBody() => bodies.Create(Request.Http.Request, result, allowUnknownLength: IsStream);

        /// <summary>A request with neither length nor transfer encoding has no body, so it is not a stream.</summary>
        private bool IsStream =>
            Request.Operation is { TakesStreams: true } && Request.Http.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true };
    }
}
