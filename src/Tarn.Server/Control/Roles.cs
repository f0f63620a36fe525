namespace Tarn.Server.Control;

/// <summary>Who may call an endpoint, as a sentence for the OpenAPI document.</summary>
internal sealed record Role(string Sentence);

/// <summary>Marks endpoints that only sessions of the console may call.</summary>
internal sealed record ConsoleOnly
{
    public static ConsoleOnly Instance { get; } = new();
}

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

    /// <summary>Restricts the endpoint to sessions of the console.</summary>
    public static RouteHandlerBuilder ForConsole(this RouteHandlerBuilder builder) =>
        Filter(builder, "For sessions of the console, by their cookie.", (request, _) =>
        {
            if (request.By.Session is null)
            {
                throw ControlRefusalException.Forbidden("only a session of the console may do this, by its cookie");
            }
        }).WithMetadata(ConsoleOnly.Instance);

    /// <summary>Describes who sees a bucket; <see cref="Tarn.VisibleBuckets"/> decides it, since that depends on the bucket.</summary>
    public static RouteHandlerBuilder ForThoseWhoMayList(this RouteHandlerBuilder builder) => builder.WithMetadata(new Role(
        "Shows the server's root user all buckets, an organization's root user those of the organization, and others those of their organization on which they may s3:ListBucket."));

    private static RouteHandlerBuilder Filter(RouteHandlerBuilder builder, string sentence, Action<ControlRequest, HttpContext> check) => builder
        .WithMetadata(new Role(sentence))
        .AddEndpointFilter((context, next) =>
        {
            check(ControlRequest.Of(context.HttpContext), context.HttpContext);
            return next(context);
        });
}
