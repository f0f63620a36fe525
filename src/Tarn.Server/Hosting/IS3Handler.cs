namespace Tarn.Server.Hosting;

/// <summary>Answers the requests of the S3 listener.</summary>
internal interface IS3Handler
{
    Task HandleAsync(HttpContext context);

    /// <summary>Answers a request for which there is no room among those in flight.</summary>
    Task RefuseBusyAsync(HttpContext context);
}
