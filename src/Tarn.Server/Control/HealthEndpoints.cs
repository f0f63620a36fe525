using Tarn.Server.Hosting;

namespace Tarn.Server.Control;

/// <summary>
/// <c>GET /health/live</c>: the process answers. <c>GET /health/ready</c>: it takes requests; 503 while it drains, and once its metadata takes no writes.
/// </summary>
internal static class HealthEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, IHostApplicationLifetime lifetime, StoreHealth stores)
    {
        routes.MapGet("/health/live", context => WriteAsync(context, StatusCodes.Status200OK, "live\n"));
        routes.MapGet("/health/ready", context => lifetime.ApplicationStopping.IsCancellationRequested
            ? WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "stopping\n")
            : stores.HasFailed
            ? WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "the metadata store failed: restart the server\n")
            : WriteAsync(context, StatusCodes.Status200OK, "ready\n"));
    }

    private static Task WriteAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain";
        return context.Response.WriteAsync(text, context.RequestAborted);
    }
}
