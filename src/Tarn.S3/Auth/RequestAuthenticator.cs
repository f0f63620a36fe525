using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.Core.Objects.Writing;
using Tarn.S3.Access;
using Tarn.S3.Pipeline;

namespace Tarn.S3.Auth;

/// <summary>Joins authentication to the pipeline: who sent the request, and the reader that verifies its body.</summary>
internal sealed class RequestAuthenticator(Authenticator authenticator, UploadBodyFactory bodies, DenialLog denials, TimeProvider clock) : IRequestAuthenticator
{
    public async ValueTask<IAuthenticatedRequest> AuthenticateAsync(S3Context context)
    {
        try
        {
            return new AuthenticatedRequest(context, await authenticator.AuthenticateAsync(
                context.Http, context.Address.IsVirtualHost ? context.Address.Bucket : null, context.Operation is { TakesAnyRegion: true }), bodies);
        }
        catch (S3Exception refusal) when (refusal.Error.Status == StatusCodes.Status403Forbidden)
        {
            denials.Add(SignatureDenial.Of(context, refusal, clock.GetUtcNow()));
            throw;
        }
    }

    private sealed class AuthenticatedRequest(S3Context context, AuthenticationResult result, UploadBodyFactory bodies) : IAuthenticatedRequest
    {
        public Principal? Principal => result.Principal;

        public SignatureFacts Signature => result.Signature;

        public IUploadBody OpenBody() => bodies.Create(context.Request, result, allowUnknownLength: IsStream);

        /// <summary>A request with neither length nor transfer encoding has no body, and forgot it: that is no stream.</summary>
        private bool IsStream =>
            context.Operation is { TakesStreams: true } && context.Http.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true };
    }
}
