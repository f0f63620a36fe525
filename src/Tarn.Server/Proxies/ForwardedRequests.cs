using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Tarn.S3.Routing;
using Tarn.Server.Configuration;
using Tarn.Server.Connections;

namespace Tarn.Server.Proxies;

/// <summary>
/// Serves a forwarded request as if the client had sent it directly: with the client's address, scheme and host, and the path below the
/// proxy's prefix. Only headers of trusted proxies count; malformed ones are refused.
/// </summary>
/// <param name="next">Serves the request.</param>
/// <param name="options">Which proxies are trusted, and the names of the server.</param>
/// <param name="protect">Sets the headers that every answer of the control address has.</param>
internal sealed class ForwardedRequests(RequestDelegate next, ServerOptions options, Action<HttpResponse> protect)
{
    private readonly ProxyOptions _proxies = options.Proxies;
    private readonly PublicNames _s3 = new(options.Proxies.External, options.Domains);

    // To a proxy the control address is another server: the external URL does not apply to it.
    private readonly PublicNames _control = new(null, []);

    public Task InvokeAsync(HttpContext http)
    {
        if (ReferenceEquals(http.Features.Get<ListenerRole>(), ListenerRole.Accelerators))
        {
            // The envelope has said it.
            return next(http);
        }

        IHttpRequestFeature request = http.Features.GetRequiredFeature<IHttpRequestFeature>();
        ConnectionInfo connection = http.Connection;
        bool isS3 = ReferenceEquals(http.Features.Get<ListenerRole>(), ListenerRole.S3);
        ForwardedFacts? facts = null;
        ProxiedConnection? proxied = http.Features.Get<ProxiedConnection>();
        string scheme = proxied?.IsTls switch { true => Uri.UriSchemeHttps, false => Uri.UriSchemeHttp, null => request.Scheme };
        if (_proxies.Trusts(connection.RemoteIpAddress))
        {
            if (!ForwardedHeaderReader.TryRead(request.Headers, connection.RemoteIpAddress!, connection.RemotePort, _proxies.Trusted!, out facts, out string wrong))
            {
                return RefuseAsync(http, isS3, wrong);
            }

            connection.RemoteIpAddress = facts.Client;
            connection.RemotePort = facts.ClientPort;
            scheme = facts.Scheme ?? scheme;
        }

        request.Scheme = scheme;

        string host = request.Headers.Host.ToString();
        PublicNames.View view = (isS3 ? _s3 : _control).Of(scheme, host, request.RawTarget, facts);
        http.Features.Set(proxied?.IsTls is null ? view.Address : view.Address with { IsForwarded = true });
        if (view.Host != host)
        {
            request.Headers.Host = view.Host;
        }

        if (!ReferenceEquals(view.Target, request.RawTarget))
        {
            request.RawTarget = view.Target;
            request.PathBase = view.Address.Prefix;
            if (request.Path.StartsWith(view.Address.Prefix, StringComparison.Ordinal))
            {
                string rest = request.Path[view.Address.Prefix.Length..];
                request.Path = rest.Length == 0 ? "/" : rest;
            }
        }

        return next(http);
    }

    private Task RefuseAsync(HttpContext http, bool isS3, string wrong)
    {
        if (isS3)
        {
            // S3 refuses it in its own format.
            HttpRequest request = http.Request;
            string host = request.Headers.Host.ToString();
            http.Features.Set(new PublicAddress(request.Scheme, host, "")
            {
                Names = [new SignedName(host, "")],
                Refusal = wrong,
            });
            return next(http);
        }

        protect(http.Response);
        byte[] text = Encoding.UTF8.GetBytes(wrong + "\n");
        http.Response.StatusCode = StatusCodes.Status400BadRequest;
        http.Response.ContentType = "text/plain; charset=utf-8";
        http.Response.ContentLength = text.Length;
        return http.Response.Body.WriteAsync(text, 0, text.Length, http.RequestAborted);
    }
}
