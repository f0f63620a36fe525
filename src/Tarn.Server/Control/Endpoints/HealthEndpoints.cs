namespace Tarn.Server.Control.Endpoints;

/// <summary><c>/health/live</c> and <c>/health/ready</c>, on the control address and, if configured, beside S3.</summary>
/// <param name="isStopping">Whether the server has been told to stop.</param>
/// <param name="hasFailed">Whether the metadata store has failed and accepts no writes.</param>
internal sealed class HealthEndpoints(Func<bool> isStopping, Func<bool> hasFailed)
{
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>Maps them on the control address.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder health = routes.MapGroup("/health").WithTags(Tags.Health);
        health.MapMethods("/live", Methods, Live);
        health.MapMethods("/ready", Methods, Ready).Produces<string>(StatusCodes.Status503ServiceUnavailable, TextAnswer.MediaType);
    }

    /// <summary>
    /// Answers them beside S3: the path itself and <c>/ready</c> below it are readiness, <c>/live</c> below it is liveness. A request with a
    /// signature or a query is meant for a bucket of that name, and so is any other method.
    /// </summary>
    public RequestDelegate Before(RequestDelegate s3, string path) => context => ProbeOf(context.Request, path) switch
    {
        Probe.Ready => Ready().ExecuteAsync(context),
        Probe.Live => Live().ExecuteAsync(context),
        _ => s3(context),
    };

    /// <summary>What a request to the S3 listener asks for; null if it is meant for a bucket.</summary>
    public static Probe? ProbeOf(HttpRequest request, string path)
    {
        if (!(HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
            || request.Path.Value is not { } asked || !asked.StartsWith(path, StringComparison.Ordinal)
            || request.QueryString.HasValue || request.Headers.Authorization.Count > 0)
        {
            return null;
        }

        return asked[path.Length..] switch
        {
            "" or "/ready" => Probe.Ready,
            "/live" => Probe.Live,
            _ => null,
        };
    }

    /// <summary>Liveness.</summary>
    /// <remarks>200 while the process runs.</remarks>
    public static TextAnswer Live() => new(StatusCodes.Status200OK, "live\n");

    /// <summary>Readiness.</summary>
    /// <remarks>200 while the server accepts requests; 503 once it has been told to stop or its metadata store accepts no writes.</remarks>
    public TextAnswer Ready() => isStopping()
        ? new(StatusCodes.Status503ServiceUnavailable, "stopping\n")
        : hasFailed()
        ? new(StatusCodes.Status503ServiceUnavailable, "the metadata store failed: restart the server\n")
        : new(StatusCodes.Status200OK, "ready\n");
}

/// <summary>The two kinds of probes.</summary>
internal enum Probe
{
    Live,
    Ready,
}
