using System.Text.Json;
using Tarn.Tests.Control;

namespace Tarn.Tests.SignIns;

/// <summary>A browser at the control address, as far as cookies and redirects go: it keeps the former and shows the latter.</summary>
internal sealed class ConsoleBrowser(string url) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false });

    /// <summary>The cookies by their names.</summary>
    public Dictionary<string, string> Cookies { get; } = new(StringComparer.Ordinal);

    /// <summary>What its page keeps.</summary>
    public string Proof { get; init; } = Signer.Proof;

    /// <summary>Headers of what its page sends.</summary>
    public Dictionary<string, string> More { get; } = [];

    /// <summary>The cookies of the last answer, as it set them.</summary>
    public IReadOnlyList<string> LastSet { get; private set; } = [];

    /// <summary>The session's cookie; null without one.</summary>
    public string? Session => Cookies.GetValueOrDefault("tarn");

    /// <summary>Goes to a path of the control address, or a URL below it.</summary>
    public async Task<(int Status, string? Location, string Body)> GetAsync(string path)
    {
        using HttpResponseMessage answer = await SendAsync(new HttpRequestMessage(HttpMethod.Get, path.StartsWith('/') ? url + path : path));
        return ((int)answer.StatusCode, answer.Headers.Location?.OriginalString, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Calls the control API as the console's page does.</summary>
    public async Task<(int Status, JsonElement Answer)> CallAsync(string method, string path, string? body = null)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), url + path) { Content = body is null ? null : new StringContent(body) };
        request.Headers.Add("X-Tarn-Console", Proof);
        foreach ((string name, string value) in More)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        request.Headers.Add("Sec-Fetch-Site", "same-origin");
        using HttpResponseMessage answer = await SendAsync(request);
        using JsonDocument document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return ((int)answer.StatusCode, document.RootElement.Clone());
    }

    /// <summary>Sends a request with the cookies, and keeps those that are set.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request)
    {
        using HttpRequestMessage sent = request;
        if (Cookies.Count > 0)
        {
            sent.Headers.TryAddWithoutValidation("Cookie", string.Join("; ", Cookies.Select(static cookie => $"{cookie.Key}={cookie.Value}")));
        }

        HttpResponseMessage answer = await _http.SendAsync(sent, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        LastSet = answer.Headers.TryGetValues("Set-Cookie", out IEnumerable<string>? set) ? [.. set] : [];
        foreach (string cookie in LastSet)
        {
            string[] pair = cookie.Split(';')[0].Split('=', 2);
            if (pair[1].Length == 0)
            {
                Cookies.Remove(pair[0]);
            }
            else
            {
                Cookies[pair[0]] = pair[1];
            }
        }

        return answer;
    }

    public void Dispose() => _http.Dispose();
}
