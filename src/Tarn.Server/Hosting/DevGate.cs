using System.Net;
using Microsoft.Extensions.Primitives;
using Tarn.S3.Auth;
using Tarn.S3.Routing;
using Tarn.Server.Configuration;
using Tarn.Server.Connections;
using Tarn.Server.Control;
using Tarn.Server.Control.Tarn;
using Tarn.Server.Proxies;
using Tarn.Server.Web;

namespace Tarn.Server.Hosting;

/// <summary>
/// While the root user has the key of the documentation, refuses what a program of this machine only passes on for others: requests from a proxy, or of another machine from an accelerator, requests for a name that is not this machine's
/// (a name of elsewhere may be made to resolve to loopback, "DNS rebinding"), and requests of pages from elsewhere, which anybody can presign. What the key of the documentation cannot do passes: URLs of temporary
/// credentials, as the console's pictures and downloads are, and opening the console.
/// </summary>
/// <param name="next">Serves a request.</param>
/// <param name="s3">Refuses one of the S3 listener.</param>
internal sealed class DevGate(RequestDelegate next, IS3Handler s3)
{
    private const string ForwardedPrefix = "X-Forwarded-";

    private static readonly string[] ProxyHeaders = ["Forwarded", "Via", "X-Real-IP", "CF-Connecting-IP", "True-Client-IP"];

    public Task InvokeAsync(HttpContext context) =>
        Fault(context) is not { } fault ? next(context)
        : ListenerRole.ServesS3(context) ? s3.DenyAsync(context, fault)
        : Answers.WriteFailureAsync(context, StatusCodes.Status403Forbidden, fault);

    private static string? Fault(HttpContext context)
    {
        HttpRequest request = context.Request;
        if (request.Headers.Keys.FirstOrDefault(IsOfProxy) is { } header)
        {
            return Because($"this request came through a proxy ({header})");
        }

        if (context.Features.Get<AcceleratedRequest>() is not null && !(context.Connection.RemoteIpAddress is { } client && IPAddress.IsLoopback(client)))
        {
            return Because("this request came through an accelerator, from another machine");
        }

        if (!LoopbackNames.Has(ForwardedHost.NameOf(request.Headers.Host.ToString())))
        {
            return Because("the Host header of this request is not a name of this machine (localhost, 127.0.0.1, [::1])");
        }

        return IsOfPageElsewhere(request.Headers) && !IsHarmless(context) ? Because("this request was made by a page from elsewhere (Origin, Sec-Fetch-Site)") : null;
    }

    private static bool IsOfProxy(string header) => header.StartsWith(ForwardedPrefix, StringComparison.OrdinalIgnoreCase) || ProxyHeaders.Contains(header, StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Whether a browser sends it for a page that is not of this machine. It names the page (Origin), but not in pictures, links and the like, where it tells only whose it is. "same-site" is another port: what is there may only
    /// pass on what others wrote. Source: Fetch Metadata Request Headers, section 2.3.
    /// </summary>
    private static bool IsOfPageElsewhere(IHeaderDictionary headers) =>
        headers.Origin.Count > 0
            ? headers.Origin.Count > 1 || !Uri.TryCreate(headers.Origin, UriKind.Absolute, out Uri? page) || !LoopbackNames.Has(page.Host)
            : headers["Sec-Fetch-Site"] is { Count: > 0 } site && site != new StringValues("same-origin") && site != new StringValues("none");

    /// <summary>
    /// Whether a request that another page had a browser send does nothing with the key that everyone knows: of S3 it reads with a URL that only the holder of temporary credentials can make; of the control address it opens the
    /// console, or returns to it from an identity provider, in a window of its own.
    /// </summary>
    private static bool IsHarmless(HttpContext context)
    {
        HttpRequest request = context.Request;
        if (request.Headers.Origin.Count > 0)
        {
            return false;
        }

        return ListenerRole.ServesS3(context)
            ? (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) && TemporaryUrls.IsOne(context)
            : HttpMethods.IsGet(request.Method) && request.Headers["Sec-Fetch-Mode"] is ["navigate"] && request.Headers["Sec-Fetch-Dest"] is ["document"]
                && (ConsolePage.IsPlace(request.Path) || OidcEndpoints.IsCallback(request.Path));
    }

    private static string Because(string what) =>
        $"The server was started with --dev and the key of the documentation, and {what}. To serve it, set TARN_ROOT_ACCESS_KEY and TARN_ROOT_SECRET_KEY.";
}
