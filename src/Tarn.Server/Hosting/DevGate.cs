using System.Net;
using Tarn.Server.Connections;
using Tarn.Server.Control;
using Tarn.Server.Proxies;

namespace Tarn.Server.Hosting;

/// <summary>
/// While the root user has the key of the documentation, refuses what a program of this machine only passes on for others: requests from a proxy, requests for a name that is not this machine's
/// (a name of elsewhere may be made to resolve to loopback, "DNS rebinding"), and requests of pages from elsewhere.
/// </summary>
/// <param name="next">Serves a request.</param>
/// <param name="s3">Refuses one of the S3 listener.</param>
/// <param name="domains">The domains whose subdomains name buckets.</param>
internal sealed class DevGate(RequestDelegate next, IS3Handler s3, IReadOnlyList<string> domains)
{
    private static readonly string[] ProxyHeaders = ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via"];

    public Task InvokeAsync(HttpContext context) =>
        Fault(context.Request) is not { } fault ? next(context)
        : ReferenceEquals(context.Features.Get<ListenerRole>(), ListenerRole.S3) ? s3.DenyAsync(context, fault)
        : Answers.WriteFailureAsync(context, StatusCodes.Status403Forbidden, fault);

    private string? Fault(HttpRequest request)
    {
        if (Array.Find(ProxyHeaders, request.Headers.ContainsKey) is { } header)
        {
            return Because($"this request came through a proxy ({header})");
        }

        if (request.Host.Value is { Length: > 0 } host && !IsOfThisMachine(ForwardedHost.NameOf(host)))
        {
            return Because("the Host header of this request is not a name of this machine (localhost, 127.0.0.1, [::1]) nor of a configured domain");
        }

        return request.Headers.Origin is [{ } origin] && !(Uri.TryCreate(origin, UriKind.Absolute, out Uri? page) && IsOfThisMachine(page.Host))
            ? Because("this request was made by a page from elsewhere (Origin)")
            : null;
    }

    private static string Because(string what) =>
        $"The server was started with --dev and the key of the documentation, and {what}. To serve it, set TARN_ROOT_ACCESS_KEY and TARN_ROOT_SECRET_KEY.";

    private bool IsOfThisMachine(string name) =>
        IsBelow(name, "localhost")
        || (IPAddress.TryParse(name.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address))
        || domains.Any(domain => IsBelow(name, domain));

    private static bool IsBelow(string name, string domain) =>
        name.EndsWith(domain, StringComparison.OrdinalIgnoreCase) && (name.Length == domain.Length || name[^(domain.Length + 1)] == '.');
}
