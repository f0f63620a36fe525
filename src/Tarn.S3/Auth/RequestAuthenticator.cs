using Microsoft.AspNetCore.Http;
using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.Core.Objects;
using Tarn.S3.Access;
using Tarn.S3.Pipeline;

namespace Tarn.S3.Auth;

/// <summary>Joins authentication to the pipeline: who sent the request, and the reader that verifies its body.</summary>
internal sealed class RequestAuthenticator(Authenticator authenticator, UploadBodyFactory bodies, DenialLog denials, TimeProvider clock) : IRequestAuthenticator
{
    /// <summary>Characters of each text that are kept of a request whose signature does not match.</summary>
    private const int MaxEvidence = 8 * 1024;

    public async ValueTask<IAuthenticatedRequest> AuthenticateAsync(S3Context context)
    {
        try
        {
            return new AuthenticatedRequest(context, await authenticator.AuthenticateAsync(context.Http), bodies);
        }
        catch (S3Exception refusal) when (refusal.Error.Status == StatusCodes.Status403Forbidden)
        {
            TakeDown(context, refusal);
            throw;
        }
    }

    private void TakeDown(S3Context context, S3Exception refusal)
    {
        string? Detail(string name) => refusal.Details.FirstOrDefault(detail => detail.Key == name).Value;
        SignatureEvidence? evidence = Detail("CanonicalRequest") is { } canonical
            ? new SignatureEvidence(Cut(canonical), Cut(Detail("StringToSign") ?? ""), Cut(context.Request.Host.Value ?? ""))
            : null;
        denials.Add(new Denial(
            context.RequestId, clock.GetUtcNow(), DenialKind.Signature, null, Detail("AWSAccessKeyId"), context.Operation?.Name,
            $"{refusal.Error.Code}: {refusal.Message}")
        {
            Signature = evidence,
        });
    }

    private static string Cut(string text) => text.Length <= MaxEvidence ? text : text[..MaxEvidence];

    private sealed class AuthenticatedRequest(S3Context context, AuthenticationResult result, UploadBodyFactory bodies) : IAuthenticatedRequest
    {
        public Principal? Principal => result.Principal;

        public IUploadBody OpenBody() => bodies.Create(context.Request, result);
    }
}
