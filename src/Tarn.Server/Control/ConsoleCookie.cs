using System.Buffers;
using System.Buffers.Text;
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

    /// <summary>The paths for which another page may have set one that comes with requests to <c>/api/session</c>; <c>/</c> is the console's own. A browser has one cookie for each path.</summary>
    private static readonly string[] Paths = ["/", "/api", "/api/", "/api/session"];

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

    /// <summary>Has the browser forget the cookie.</summary>
    /// <param name="response">The answer.</param>
    /// <param name="isSecure">Whether the browser uses TLS.</param>
    /// <param name="ofAllPaths">Whether those that another page may have set go too. Under TLS the name is of one path alone.</param>
    public static void Clear(HttpResponse response, bool isSecure, bool ofAllPaths)
    {
        foreach (string path in ofAllPaths && !isSecure ? Paths : Paths[..1])
        {
            CookieOptions options = Options(isSecure, TimeSpan.Zero);
            options.Path = path;
            response.Cookies.Append(isSecure ? SecureName : PlainName, "", options);
        }
    }

    /// <summary>The id alone, so that a log line cannot leak the secret.</summary>
    public override string ToString() => Id;

    private static CookieOptions Options(bool isSecure, TimeSpan life) =>
        new() { HttpOnly = true, Secure = isSecure, SameSite = SameSiteMode.Strict, Path = "/", MaxAge = TimeSpan.FromSeconds(Math.Floor(life.TotalSeconds)) };

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
