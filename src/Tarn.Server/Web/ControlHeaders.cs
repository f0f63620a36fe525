namespace Tarn.Server.Web;

/// <summary>
/// What every answer of the control address tells browsers: it is what its type says, loads nothing, is shown in no frame and is read by no page of another origin. Pages set policies of their own in place of this one.
/// </summary>
internal static class ControlHeaders
{
    public static void Set(HttpResponse response)
    {
        IHeaderDictionary headers = response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
    }
}
