using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Tarn.Core.Identity;

namespace Tarn.Server.Federation;

/// <summary>
/// Fetches documents of issuers, and sends forms to them: from and to the hosts that an administrator named for the issuer and no others, within limits of time and size, and without
/// following redirects.
/// </summary>
/// <param name="plainLoopback">Whether <c>http</c> is allowed where the URL names a loopback address.</param>
/// <param name="time">The clock of the time limit.</param>
internal sealed class IssuerDocuments(bool plainLoopback, TimeProvider time) : IDisposable
{
    /// <summary>The largest document, in bytes.</summary>
    public const int MaxLength = 256 * 1024;

    /// <summary>The longest time that a document may take.</summary>
    public static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(5);

    /// <summary>How what an issuer says is read: of a member that is there twice nobody could tell which counts.</summary>
    public static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    private readonly HttpClient _client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = MaxTime,
        MaxResponseHeadersLength = 16,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    })
    {
        MaxResponseContentBufferSize = MaxLength,
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>Fetches a document.</summary>
    /// <param name="issuer">The issuer.</param>
    /// <param name="url">Where it is.</param>
    /// <exception cref="IssuerException">It cannot be had; the message says why.</exception>
    public Task<byte[]> FetchAsync(OidcIssuer issuer, string url) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Get, Allowed(issuer, url)), static (target, status, body) => status == HttpStatusCode.OK ? body : throw Refused(target, status), CancellationToken.None);

    /// <summary>Sends a form.</summary>
    /// <param name="issuer">The issuer.</param>
    /// <param name="url">Where to.</param>
    /// <param name="form">The form.</param>
    /// <param name="authorization">The Authorization header; null: none.</param>
    /// <param name="read">Reads the answer, from where it comes, its status and its body; it throws <see cref="IssuerException"/> if it is not as it should be.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="IssuerException">There is no answer, or not such a one; the message says why.</exception>
    public Task<T> PostAsync<T>(
        OidcIssuer issuer, string url, IEnumerable<KeyValuePair<string, string>> form, AuthenticationHeaderValue? authorization, Func<Uri, HttpStatusCode, byte[], T> read, CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, Allowed(issuer, url)) { Content = new FormUrlEncodedContent(form) };
        request.Headers.Authorization = authorization;
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        return SendAsync(request, read, cancellationToken);
    }

    /// <summary>The URL, if the server may send something there, or send somebody there, who is to sign in with the issuer.</summary>
    /// <exception cref="IssuerException">It may not.</exception>
    public Uri Allowed(OidcIssuer issuer, string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? target) || target.UserInfo.Length > 0
            || !(target.Scheme == Uri.UriSchemeHttps || (plainLoopback && target.Scheme == Uri.UriSchemeHttp && target.IsLoopback)))
        {
            throw new IssuerException($"'{url}' is not an https URL");
        }

        string authority = Authority(target);
        return authority == Authority(new Uri(issuer.Url))
            || (issuer.JwksUrl is { } jwks && authority == Authority(new Uri(jwks)))
            || issuer.Hosts.Contains(authority, StringComparer.OrdinalIgnoreCase)
            ? target
            : throw new IssuerException($"the host of {target} is not one of the issuer's");
    }

    /// <summary>What is thrown for an answer that is a refusal.</summary>
    public static IssuerException Refused(Uri target, HttpStatusCode status) => new($"{target} answered with status {(int)status}");

    public void Dispose() => _client.Dispose();

    private async Task<T> SendAsync<T>(HttpRequestMessage request, Func<Uri, HttpStatusCode, byte[], T> read, CancellationToken cancellationToken)
    {
        using HttpRequestMessage sent = request;
        Uri target = sent.RequestUri!;
        using var limit = new CancellationTokenSource(MaxTime, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using HttpResponseMessage answer = await _client.SendAsync(sent, HttpCompletionOption.ResponseContentRead, either.Token);
            return read(target, answer.StatusCode, await answer.Content.ReadAsByteArrayAsync(either.Token));
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IssuerException($"{target} did not answer within {MaxTime.TotalSeconds} seconds", e);
        }
        catch (HttpRequestException e)
        {
            throw new IssuerException($"{target}: {e.Message}", e);
        }
    }

    /// <summary>A text in an object; null without it, or when either is something else.</summary>
    public static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string Authority(Uri url) => url.IsDefaultPort ? url.Host : url.Authority;
}
