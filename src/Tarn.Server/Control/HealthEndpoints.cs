namespace Tarn.Server.Control;

/// <summary>
/// <c>GET /health/live</c>: the process answers. <c>GET /health/ready</c>: it takes requests; 503 while it drains.
/// </summary>
internal static class HealthEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, IHostApplicationLifetime lifetime)
    {
        routes.MapGet("/health/live", context => WriteAsync(context, StatusCodes.Status200OK, "live\n"));
        routes.MapGet("/health/ready", context => lifetime.ApplicationStopping.IsCancellationRequested
            ? WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "stopping\n")
            : WriteAsync(context, StatusCodes.Status200OK, "ready\n"));
    }

    private static Task WriteAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain";
        return context.Response.WriteAsync(text, context.RequestAborted);
    }
}
