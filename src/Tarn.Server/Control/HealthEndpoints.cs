using Tarn.Server.Storage;

namespace Tarn.Server.Control;

/// <summary>
/// <c>GET</c> and <c>HEAD</c> of <c>/health/live</c>: the process answers; of <c>/health/ready</c>: it takes requests; 503 once it was told to stop, and
/// once its metadata takes no writes.
/// </summary>
/// <param name="isStopping">Whether it was told to stop.</param>
/// <param name="stores">Whether it takes writes.</param>
internal sealed class HealthEndpoints(Func<bool> isStopping, StoreHealth stores)
{
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>On the control address.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/health/live", Methods, LiveAsync);
        routes.MapMethods("/health/ready", Methods, ReadyAsync);
    }

    /// <summary>
    /// Beside S3: the path itself and <c>/ready</c> below it are readiness, <c>/live</c> below it is the other. A request with a signature or a
    /// query is meant for a bucket of that name, and so is any other method.
    /// </summary>
    public RequestDelegate Before(RequestDelegate s3, string path) => context =>
    {
        HttpRequest request = context.Request;
        if (!(HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
            || request.Path.Value is not { } asked || !asked.StartsWith(path, StringComparison.Ordinal)
            || request.QueryString.HasValue || request.Headers.Authorization.Count > 0)
        {
            return s3(context);
        }

        return asked[path.Length..] switch
        {
            "" or "/ready" => ReadyAsync(context),
            "/live" => LiveAsync(context),
            _ => s3(context),
        };
    };

    private static Task LiveAsync(HttpContext context) => WriteAsync(context, StatusCodes.Status200OK, "live\n");

    private Task ReadyAsync(HttpContext context) => isStopping()
        ? WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "stopping\n")
        : stores.HasFailed
        ? WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "the metadata store failed: restart the server\n")
        : WriteAsync(context, StatusCodes.Status200OK, "ready\n");

    private static Task WriteAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain";
        context.Response.ContentLength = text.Length;
        context.Response.Headers.CacheControl = "no-store";
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.WriteAsync(text, context.RequestAborted);
    }
}
