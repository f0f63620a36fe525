using Tarn.Core.Identity;

namespace Tarn.Server.Control;

/// <summary>Marks endpoints that have an <see cref="AuthenticationFilter"/>.</summary>
internal sealed record Authenticated;

/// <summary>
/// Authenticates a request and reads its body; passes it on only if the body is the one that was signed, and the credentials are valid when all of it is there. Where the endpoint reads the body itself, it also
/// verifies it, before it changes anything.
/// </summary>
internal sealed class AuthenticationFilter(ControlAuthenticator authenticator, ControlBodyReader bodies, LastingRights rights, AccessKeyUses uses, TimeProvider time) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        HttpContext http = context.HttpContext;
        ControlRequest request = ControlRequest.Of(http);
        (ControlCredential credential, string? sha256) = await authenticator.AuthenticateAsync(http);
        request.Requester = credential.Principal.Arn;
        if (http.GetEndpoint()?.Metadata.GetMetadata<StreamsBody>() is not null)
        {
            request.AuthenticatedHead(credential, sha256);
            NoteUse(http, credential.Principal);
            return await next(context);
        }

        byte[] body = await bodies.ReadAsync(http);
        ControlAuthenticator.VerifyBody(body, sha256);
        credential = await rights.FindAsync(credential, http.RequestAborted)
            ?? throw ControlRefusalException.Unauthorized("the credentials ended before the body was there");
        request.Authenticated(credential, body);
        NoteUse(http, credential.Principal);
        return await next(context);
    }

    private void NoteUse(HttpContext http, Principal principal)
    {
        if (principal.HasPermanentKey)
        {
            uses.Note(principal.AccessKeyId, time.GetUtcNow(), http.Connection.RemoteIpAddress);
        }
    }
}
