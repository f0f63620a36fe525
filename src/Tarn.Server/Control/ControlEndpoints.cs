namespace Tarn.Server.Control;

/// <summary>The routes of the control address that need no authentication.</summary>
internal static class ControlEndpoints
{
    public static void Map(WebApplication app, HealthEndpoints health)
    {
        health.Map(app);
        MetricsEndpoint.Map(app);
    }

    /// <summary>Answers a request for which there is no room among those in flight.</summary>
    public static Task RefuseBusyAsync(HttpContext context)
    {
        context.Response.Headers.RetryAfter = "1";
        return RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, "the server is busy; try again");
    }

    /// <summary>Answers a request whose end is not clear, and ends its connection.</summary>
    public static Task RefuseFramingAsync(HttpContext context, string fault)
    {
        context.Response.Headers.Connection = "close";
        return RefuseAsync(context, StatusCodes.Status400BadRequest, fault);
    }

    private static Task RefuseAsync(HttpContext context, int status, string message)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync($$"""{"success":false,"error":"{{message}}"}""", context.RequestAborted);
    }
}
