using Microsoft.Extensions.Primitives;
using Tarn.Core.Model;
using Tarn.S3.Wire;
using Tarn.Server.Proxies;

namespace Tarn.Server.Web;

/// <summary>
/// Lets the console's pages read what S3 answers them, before S3 looks at a request: whatever the bucket, its rules and the outcome. Gives no credentials away: the console's requests are presigned.
/// Source: Fetch Standard, sections 3.3 and 4.8.
/// </summary>
/// <param name="next">Serves the S3 request.</param>
/// <param name="origins">Which origins are the console's.</param>
internal sealed class ConsoleCors(RequestDelegate next, ConsoleOrigins origins)
{
    private const string Methods = "GET, HEAD, PUT, POST, DELETE";
    private const string AllowPrivateNetwork = "Access-Control-Allow-Private-Network";
    private const string AskForPrivateNetwork = "Access-Control-Request-Private-Network";

    /// <summary>How long a browser may keep the answer to a preflight, in seconds.</summary>
    private const string MaxAge = "600";

    private static readonly HashSet<string> Announced = new(Methods.Split(", "), StringComparer.Ordinal);

    /// <summary>The headers that a page may read, beside those that begin with <see cref="Amazon"/>.</summary>
    private static readonly HashSet<string> Exposed = new(StringComparer.OrdinalIgnoreCase)
    {
        "Accept-Ranges", "Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language", "Content-Length", "Content-Range", "Content-Type", "ETag", "Expires", "Last-Modified", "Retry-After",
    };

    private const string Amazon = "x-amz-";

    public Task InvokeAsync(HttpContext http)
    {
        if (!origins.MadeS3Request(http.Request.Headers))
        {
            return next(http);
        }

        if (IsPreflight(http.Request) && TryAnswer(http))
        {
            return Task.CompletedTask;
        }

        // When the answer begins: until then S3 may replace all of it, and its headers are not known.
        http.Response.OnStarting(static state => Allow((HttpContext)state), http);
        return next(http);
    }

    private static bool IsPreflight(HttpRequest request) =>
        HttpMethods.IsOptions(request.Method) && request.Headers.AccessControlRequestMethod.Count > 0 && RequestFraming.Fault(request) is null;

    /// <summary>Answers a preflight; false for one that announces what S3 does not serve, which it refuses with its own words.</summary>
    private static bool TryAnswer(HttpContext http)
    {
        IHeaderDictionary asked = http.Request.Headers;
        StringValues headers = asked.AccessControlRequestHeaders;
        if (asked.AccessControlRequestMethod is not [{ } method] || !Announced.Contains(method) || !AreNames(headers))
        {
            return false;
        }

        HttpResponse response = http.Response;
        response.StatusCode = StatusCodes.Status204NoContent;
        response.Headers.AccessControlAllowOrigin = asked.Origin;
        response.Headers.AccessControlAllowMethods = Methods;
        response.Headers.AccessControlMaxAge = MaxAge;
        response.Headers.Vary = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers";
        if (headers.Count > 0)
        {
            response.Headers.AccessControlAllowHeaders = string.Join(", ", headers.ToArray());
        }

        // Chromium asked until it replaced this with a question to the person. Source: https://wicg.github.io/private-network-access, superseded by Local Network Access.
        if (asked.ContainsKey(AskForPrivateNetwork))
        {
            response.Headers[AllowPrivateNetwork] = "true";
        }

        return true;
    }

    private static bool AreNames(StringValues lists)
    {
        foreach (string? list in lists)
        {
            foreach (Range name in list.AsSpan().Split(','))
            {
                if (!HttpToken.IsToken(list.AsSpan()[name].Trim()))
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>Sets the headers of an answer, in place of those that the bucket's own rules gave it.</summary>
    private static Task Allow(HttpContext http)
    {
        IHeaderDictionary headers = http.Response.Headers;
        var names = new List<string>();
        foreach ((string name, _) in headers)
        {
            if (Exposed.Contains(name) || (name.StartsWith(Amazon, StringComparison.OrdinalIgnoreCase) && HttpToken.IsToken(name)))
            {
                names.Add(name);
            }
        }

        headers.AccessControlAllowOrigin = http.Request.Headers.Origin;
        headers.AccessControlExposeHeaders = string.Join(", ", names);
        headers.AccessControlAllowCredentials = default;
        headers.AccessControlAllowMethods = default;
        headers.AccessControlAllowHeaders = default;
        headers.AccessControlMaxAge = default;
        if (!headers.GetCommaSeparatedValues("Vary").Contains("Origin", StringComparer.OrdinalIgnoreCase))
        {
            headers.Append("Vary", "Origin");
        }

        return Task.CompletedTask;
    }
}
