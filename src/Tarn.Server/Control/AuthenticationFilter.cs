using Tarn.Core.Identity;

namespace Tarn.Server.Control;

/// <summary>Marks endpoints that have an <see cref="AuthenticationFilter"/>.</summary>
internal sealed record Authenticated;

/// <summary>Authenticates a request and reads its body; passes it on only if the body is the one that was signed.</summary>
internal sealed class AuthenticationFilter(ControlAuthenticator authenticator, ControlBodyReader bodies) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        HttpContext http = context.HttpContext;
        ControlRequest request = ControlRequest.Of(http);
        (Principal principal, string? sha256) = await authenticator.AuthenticateAsync(http);
        request.Requester = principal.Arn;
        byte[] body = await bodies.ReadAsync(http);
        ControlAuthenticator.VerifyBody(body, sha256);
        request.Authenticated(principal, body);
        return await next(context);
    }
}
