namespace Tarn.Server.Hosting;

/// <summary>Answers the requests of the S3 listener.</summary>
internal interface IS3Handler
{
    Task HandleAsync(HttpContext context);

    /// <summary>Refuses a request because too many others are in flight.</summary>
    Task RefuseBusyAsync(HttpContext context);

    /// <summary>Refuses a request that must not be served, with AccessDenied.</summary>
    Task DenyAsync(HttpContext context, string why);
}
