namespace Tarn.Server.Control;

/// <summary>Who may call an endpoint, as a sentence for the OpenAPI document.</summary>
internal sealed record Role(string Sentence);

/// <summary>Filters that restrict endpoints to certain requesters. They run after <see cref="AuthenticationFilter"/>.</summary>
internal static class Roles
{
    /// <summary>Restricts the endpoint to the server's root user.</summary>
    public static RouteHandlerBuilder ForServerAdministrator(this RouteHandlerBuilder builder) =>
        Filter(builder, "For the server's root user.", (request, _) => request.ThrowIfNotServerAdministrator());

    /// <summary>Restricts the endpoint to the server's root user and that of the organization named in the path.</summary>
    /// <param name="builder">The endpoint.</param>
    /// <param name="parameter">The route parameter that holds the organization's name.</param>
    public static RouteHandlerBuilder ForRootOf(this RouteHandlerBuilder builder, string parameter) =>
        Filter(builder, "For the organization's root user and the server's.", (request, http) =>
            request.ThrowIfNotRootOf(http.GetRouteValue(parameter) as string ?? ""));

    /// <summary>Restricts the endpoint to root users.</summary>
    public static RouteHandlerBuilder ForRoot(this RouteHandlerBuilder builder) =>
        Filter(builder, "For root users.", (request, _) => request.ThrowIfNotRootOf(request.Principal.OrganizationId));

    /// <summary>Restricts the endpoint to root users.</summary>
    /// <param name="builder">The endpoint.</param>
    /// <param name="refusal">The message of the refusal to others.</param>
    public static RouteHandlerBuilder ForRoot(this RouteHandlerBuilder builder, string refusal) =>
        Filter(builder, "For root users.", (request, _) =>
        {
            if (!request.Principal.IsRoot)
            {
                throw ControlRefusalException.Forbidden(refusal);
            }
        });

    private static RouteHandlerBuilder Filter(RouteHandlerBuilder builder, string sentence, Action<ControlRequest, HttpContext> check) => builder
        .WithMetadata(new Role(sentence))
        .AddEndpointFilter((context, next) =>
        {
            check(ControlRequest.Of(context.HttpContext), context.HttpContext);
            return next(context);
        });
}
