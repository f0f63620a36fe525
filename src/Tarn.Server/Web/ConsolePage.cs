using System.Text;
using Microsoft.Net.Http.Headers;
using Tarn.Core;
using Tarn.Server.Control;
using Tarn.Server.Proxies;

namespace Tarn.Server.Web;

/// <summary>
/// Answers what no endpoint of the control address answers: the console's files; its page, for every path, since its places have paths; and a refusal to everything that is not a browser's navigation.
/// docs/design/console.md, "The page".
/// </summary>
/// <param name="files">The console; null if this build has none.</param>
/// <param name="origins">Where its pages reach S3.</param>
/// <param name="random">Makes nonces.</param>
internal sealed class ConsolePage(ConsoleFiles? files, ConsoleOrigins origins, IRandomSource random)
{
    /// <summary>The name of the cross-origin policy of openers, which ASP.NET does not name.</summary>
    private const string OpenerPolicy = "Cross-Origin-Opener-Policy";

    private const string Html = "text/html";

    /// <summary>Below these are endpoints; what is not one of them is a mistake, and no place of the console.</summary>
    private static readonly PathString[] Reserved = ["/api", "/openapi", "/docs", "/metrics", "/health", ConsoleFiles.Assets.TrimEnd('/')];

    private static readonly byte[] Missing = Encoding.UTF8.GetBytes("""
        <!doctype html>
        <html lang="en">
        <head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Tarn</title></head>
        <body>
        <h1>This Tarn was built without its console</h1>
        <p>The server works: S3, the control API and <a href="/docs">its description</a> are here. The console alone is missing: it was left out when this program was built,
        or Node.js 20.19 or later, with npm, or the packages that npm installs could not be had then.</p>
        <p>To have it, install Node.js on the machine that builds Tarn, and in Tarn's sources run</p>
        <pre>dotnet build src/Tarn.Server -c Release</pre>
        <p>which says what is missing if it still is; or install a package of Tarn, which has it. Then start the server again.</p>
        </body>
        </html>

        """);

    /// <summary>Whether this build has a console.</summary>
    public bool IsThere => files is not null;

    /// <summary>Whether a path may be a place of the console.</summary>
    public static bool IsPlace(PathString path) =>
        !Array.Exists(Reserved, reserved => path.StartsWithSegments(reserved, StringComparison.Ordinal));

    /// <summary>Answers a request that no endpoint answers.</summary>
    public Task InvokeAsync(HttpContext http)
    {
        HttpRequest request = http.Request;
        string path = request.Path.Value ?? "/";
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
        {
            return NotFoundAsync(http);
        }

        if (files?.Find(path) is { } file)
        {
            return SendAsync(http, file);
        }

        return IsPlace(request.Path) && AcceptsPage(request, orAnything: path == "/") ? SendPageAsync(http) : NotFoundAsync(http);
    }

    private static Task NotFoundAsync(HttpContext http) =>
        Answers.WriteFailureAsync(http, StatusCodes.Status404NotFound, $"there is no endpoint {http.Request.Method} {http.Request.Path}");

    /// <summary>Whether the answer may be HTML: a program that takes anything wants no page in place of an endpoint that it misspelt.</summary>
    private static bool AcceptsPage(HttpRequest request, bool orAnything)
    {
        IList<MediaTypeHeaderValue> accepted = request.GetTypedHeaders().Accept;
        return (orAnything && accepted.Count == 0)
            || accepted.Any(type => type.Quality is not 0 && (type.MediaType.Equals(Html, StringComparison.OrdinalIgnoreCase) || (orAnything && type.MatchesAllTypes)));
    }

    private Task SendPageAsync(HttpContext http)
    {
        string nonce = PolicyNonce.Create(random);
        byte[] page = files?.Page(nonce) ?? Missing;
        HttpResponse response = http.Response;
        response.StatusCode = files is null ? StatusCodes.Status404NotFound : StatusCodes.Status200OK;
        response.Headers.ContentSecurityPolicy = Policy(nonce, origins.S3OriginFor(http.Request));
        response.Headers[OpenerPolicy] = "same-origin";
        response.Headers["Permissions-Policy"] = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()";
        response.Headers.CacheControl = "no-store";
        response.ContentType = Html + "; charset=utf-8";
        return WriteAsync(http, page);
    }

    /// <param name="nonce">The nonce of the page's style sheets.</param>
    /// <param name="s3">The origin of S3; null if the request named no host, and then none is allowed.</param>
    private static string Policy(string nonce, string? s3)
    {
        string self = s3 is null ? "'self'" : $"'self' {s3}";
        return $"default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src {self}; media-src {self}; connect-src {self}; frame-src {s3 ?? "'none'"}; font-src 'self'; "
            + "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types default";
    }

    private static Task SendAsync(HttpContext http, ConsoleFile file)
    {
        ConsoleFileCoding coding = CodingFor(http.Request, file);
        IHeaderDictionary headers = http.Response.Headers;
        headers.ETag = coding.ETag;
        headers.CacheControl = file.IsLasting ? "public, max-age=31536000, immutable" : "no-cache";
        if (file.Codings.Count > 1)
        {
            headers.Vary = "Accept-Encoding";
        }

        if (http.Request.GetTypedHeaders().IfNoneMatch is { Count: > 0 } known
            && known.Any(tag => tag.Tag == "*" || tag.Tag == coding.ETag))
        {
            http.Response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        http.Response.ContentType = file.ContentType;
        if (coding.Name != ConsoleFileCoding.Identity)
        {
            headers.ContentEncoding = coding.Name;
        }

        return WriteAsync(http, coding.Content);
    }

    /// <summary>The coding that the request prefers, the best of those that it likes equally; as it is if it takes none. Source: RFC 9110, section 12.5.3.</summary>
    private static ConsoleFileCoding CodingFor(HttpRequest request, ConsoleFile file)
    {
        IList<StringWithQualityHeaderValue> accepted = request.GetTypedHeaders().AcceptEncoding;
        ConsoleFileCoding best = file.Codings[^1];
        double liked = 0;
        foreach (ConsoleFileCoding coding in file.Codings)
        {
            double quality = QualityOf(coding.Name, accepted);
            if (quality > liked)
            {
                (best, liked) = (coding, quality);
            }
        }

        return best;
    }

    private static double QualityOf(string coding, IList<StringWithQualityHeaderValue> accepted) =>
        (accepted.FirstOrDefault(value => value.Value.Equals(coding, StringComparison.OrdinalIgnoreCase)) ?? accepted.FirstOrDefault(static value => value.Value == "*")) is { } named ? named.Quality ?? 1
        : coding == ConsoleFileCoding.Identity ? double.Epsilon
        : 0;

    private static Task WriteAsync(HttpContext http, byte[] content)
    {
        http.Response.ContentLength = content.Length;
        return HttpMethods.IsHead(http.Request.Method) ? Task.CompletedTask : http.Response.Body.WriteAsync(content, 0, content.Length, http.RequestAborted);
    }
}
