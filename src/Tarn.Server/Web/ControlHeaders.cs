using Tarn.Server.Connections;

namespace Tarn.Server.Web;

/// <summary>
/// What every answer of the control address tells browsers: it is what its type says, loads nothing, is shown in no frame and is read by no page of another origin. Pages set policies of their own in place of this one.
/// </summary>
internal static class ControlHeaders
{
    public static Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        if (ReferenceEquals(http.Features.Get<ListenerRole>(), ListenerRole.Control))
        {
            IHeaderDictionary headers = http.Response.Headers;
            headers.XContentTypeOptions = "nosniff";
            headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
            headers["Referrer-Policy"] = "no-referrer";
            headers["Cross-Origin-Resource-Policy"] = "same-origin";
        }

        return next(http);
    }
}
