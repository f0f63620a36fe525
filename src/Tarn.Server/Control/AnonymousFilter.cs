namespace Tarn.Server.Control;

/// <summary>Reads the body of a request to an endpoint that anyone may call, because what it needs is in the request: a workload's token.</summary>
internal sealed class AnonymousFilter(ControlBodyReader bodies) : IEndpointFilter
{
    /// <summary>The maximum length of a body, in bytes: a token of 20,000 characters and attributes. Anyone can send one.</summary>
    public const int MaxLength = 64 * 1024;

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        HttpContext http = context.HttpContext;
        ControlRequest.Of(http).Received(await bodies.ReadAsync(http, MaxLength));
        return await next(context);
    }
}
