using System.Buffers;
using System.Buffers.Text;
using Microsoft.AspNetCore.Http.Features;
using Tarn.Core.Identity;

namespace Tarn.Server.Control;

/// <summary>
/// The cookie of a session of the console: <c>ID.SECRET</c>, the id of temporary credentials and 32 bytes as Base64url. Under TLS its name begins with <c>__Host-</c>, so that no other host
/// and no connection without TLS can set it; another port of the host can, against which <see cref="PageProof"/> helps. Source: RFC 6265bis, sections 4.1.3.2 and 8.5.
/// </summary>
/// <param name="Id">The id of the temporary credentials, which their URLs show.</param>
/// <param name="Secret">The secret, which nothing else shows.</param>
internal readonly record struct ConsoleCookie(string Id, ReadOnlyMemory<byte> Secret)
{
    /// <summary>Its name without TLS.</summary>
    public const string PlainName = "tarn";

    /// <summary>Its name under TLS.</summary>
    public const string SecureName = "__Host-tarn";

    private const char Divider = '.';

    /// <summary>The number of bytes of a secret.</summary>
    private const int SecretLength = 32;

    /// <summary>How many of the paths above a request's are cleared: more than any endpoint has.</summary>
    private const int MaxPaths = 32;

    /// <summary>The path of the console's own.</summary>
    private const string OwnPath = "/";

    /// <summary>What a cookie's path may have: visible ASCII but the semicolon, which ends it.</summary>
    private static readonly SearchValues<char> PathCharacters = SearchValues.Create([.. Enumerable.Range(0x21, 0x5e).Select(static c => (char)c).Where(static c => c != ';')]);

    private static readonly SearchValues<char> IdCharacters = SearchValues.Create(RandomText.UpperAlphanumeric);

    /// <summary>
    /// Reads the cookies of a request that have the name: null for one that is no session's. There is one at most, unless another page set one for another path, or for the domain. What a request can
    /// have is bounded by the size of its headers.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="isSecure">Whether the browser uses TLS.</param>
    public static IReadOnlyList<ConsoleCookie?> Of(HttpRequest request, bool isSecure)
    {
        string name = isSecure ? SecureName : PlainName;
        List<ConsoleCookie?>? found = null;
        foreach (string? header in request.Headers.Cookie)
        {
            foreach (Range range in header.AsSpan().Split(';'))
            {
                ReadOnlySpan<char> pair = header.AsSpan()[range].Trim(' ');
                if (pair.StartsWith(name, StringComparison.Ordinal) && pair.Length > name.Length && pair[name.Length] == '=')
                {
                    (found ??= []).Add(Parse(pair[(name.Length + 1)..].ToString()));
                }
            }
        }

        return found ?? (IReadOnlyList<ConsoleCookie?>)[];
    }

    /// <summary>Gives the browser the cookie of a session that has just begun.</summary>
    public static void Set(HttpResponse response, bool isSecure, ConsoleCookie cookie, TimeSpan life) =>
        response.Cookies.Append(isSecure ? SecureName : PlainName, cookie.Id + Divider + Base64Url.EncodeToString(cookie.Secret.Span), Options(isSecure, life));

    /// <summary>Has the browser forget the console's cookie.</summary>
    public static void Clear(HttpResponse response, bool isSecure) => Clear(response, isSecure, OwnPath);

    /// <summary>
    /// Has the browser forget those that another page may have set and that come with requests like this one, but not the console's own: a browser has one for each path at or above that of a request, and does not say which.
    /// One for the host's domain stays. Under TLS the name is of one path alone, and of no domain.
    /// </summary>
    public static void ClearPlanted(HttpContext http, bool isSecure)
    {
        if (isSecure)
        {
            return;
        }

        string target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Split('?')[0];
        if (!target.StartsWith('/'))
        {
            return;
        }

        string path = http.Request.PathBase.Value + target;

        // What is behind such a character cannot be told to a browser.
        int told = path.AsSpan().IndexOfAnyExcept(PathCharacters);
        bool isWhole = told < 0;
        path = isWhole ? path : path[..told];
        int count = 0;
        for (int slash = path.IndexOf('/', 1); slash > 0 && count < MaxPaths; slash = path.IndexOf('/', slash + 1), count += 2)
        {
            Clear(http.Response, isSecure, path[..slash]);
            Clear(http.Response, isSecure, path[..(slash + 1)]);
        }

        if (isWhole && path.Length > 1 && path[^1] != '/' && count < MaxPaths)
        {
            Clear(http.Response, isSecure, path);
        }
    }

    /// <summary>The id alone, so that a log line cannot leak the secret.</summary>
    public override string ToString() => Id;

    private static void Clear(HttpResponse response, bool isSecure, string path)
    {
        CookieOptions options = Options(isSecure, TimeSpan.Zero);
        options.Path = path;
        response.Cookies.Append(isSecure ? SecureName : PlainName, "", options);
    }

    private static CookieOptions Options(bool isSecure, TimeSpan life) =>
        new() { HttpOnly = true, Secure = isSecure, SameSite = SameSiteMode.Strict, Path = OwnPath, MaxAge = TimeSpan.FromSeconds(Math.Floor(life.TotalSeconds)) };

    private static ConsoleCookie? Parse(string value)
    {
        int divider = value.IndexOf(Divider, StringComparison.Ordinal);
        if (divider != TemporaryKeys.IdLength || value.AsSpan(0, divider).ContainsAnyExcept(IdCharacters))
        {
            return null;
        }

        byte[] secret = new byte[SecretLength];
        ReadOnlySpan<char> text = value.AsSpan(divider + 1);
        return text.Length == Base64Url.GetEncodedLength(SecretLength)
            && Base64Url.DecodeFromChars(text, secret, out _, out int length) == OperationStatus.Done && length == SecretLength
            ? new ConsoleCookie(value[..divider], secret)
            : null;
    }
}
