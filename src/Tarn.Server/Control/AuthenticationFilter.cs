using Tarn.Core.Identity;

namespace Tarn.Server.Control;

/// <summary>Marks the endpoints of which <see cref="AuthenticationFilter"/> is a filter.</summary>
internal sealed record Authenticated;

/// <summary>Lets a request pass once its sender is known and its body is read and is the one that was signed.</summary>
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
