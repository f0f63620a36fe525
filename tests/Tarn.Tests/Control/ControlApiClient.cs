using System.Text;
using System.Text.Json;
using Tarn.Tests.Control.Console;

namespace Tarn.Tests.Control;

/// <summary>A client of the control API that checks what all its answers have in common.</summary>
internal sealed class ControlApiClient(string url) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false });

    /// <summary>Sends a request and returns the status and JSON of the answer.</summary>
    /// <param name="signer">The signer; null to send it unsigned.</param>
    public Task<(int Status, JsonElement Body)> SendAsync(Signer? signer, string method, string path, string? body = null) =>
        SendAsync(signer, method, path, Encoding.UTF8.GetBytes(body ?? ""));

    /// <inheritdoc cref="SendAsync(Signer?, string, string, string?)"/>
    public async Task<(int Status, JsonElement Body)> SendAsync(Signer? signer, string method, string path, byte[] bytes)
    {
        using HttpRequestMessage request = Request(signer, method, path, bytes);
        return await SendAsync(request);
    }

    /// <summary>Sends a request that the web server may refuse before the API sees it, and returns the status and text of the answer.</summary>
    public async Task<(int Status, string Text)> SendAnyAsync(Signer? signer, string method, string path, byte[] bytes)
    {
        using HttpRequestMessage request = Request(signer, method, path, bytes);
        using HttpResponseMessage response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    public async Task<(int Status, JsonElement Body)> SendAsync(HttpRequestMessage request)
    {
        using HttpResponseMessage response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        byte[] content = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("no-store", response.Headers.CacheControl?.ToString());
        using JsonDocument document = JsonDocument.Parse(content);
        return ((int)response.StatusCode, document.RootElement.Clone());
    }

    /// <summary>Sends a request that succeeds, and returns its data.</summary>
    public async Task<JsonElement> DataAsync(Signer signer, string method, string path, string? body = null)
    {
        (int status, JsonElement answer) = await SendAsync(signer, method, path, body);
        Assert.True(status is 200 or 201 && answer.GetProperty("success").GetBoolean(), $"{method} {path}: {status} {answer}");
        return answer.TryGetProperty("data", out JsonElement data) ? data : default;
    }

    /// <summary>Sends a request that is refused, and returns the message.</summary>
    public async Task<string> RefusalAsync(int expected, Signer? signer, string method, string path, string? body = null)
    {
        (int status, JsonElement answer) = await SendAsync(signer, method, path, body);
        Assert.True(status == expected, $"{method} {path}: {status} {answer}");
        Assert.False(answer.GetProperty("success").GetBoolean());
        return answer.GetProperty("error").GetString()!;
    }

    /// <summary>Creates an organization, and returns the signer of its root user.</summary>
    public async Task<Signer> OrganizationAsync(string name) =>
        Signer.Of(await DataAsync(ControlServer.Root, "POST", "/api/organizations", $$"""{"name":"{{name}}"}"""));

    /// <summary>Signs in to the console with an access key or a token, and returns the signer of a page of it.</summary>
    public async Task<Signer> SignInAsync(Signer signer)
    {
        using HttpRequestMessage request = Request(Signer.OfCookie("none=none"), "POST", "/api/session", Encoding.UTF8.GetBytes(ConsolePage.Body(signer)));
        using HttpResponseMessage response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(200, (int)response.StatusCode);
        return Signer.OfCookie(Assert.Single(response.Headers.GetValues("Set-Cookie")).Split(';')[0]);
    }

    private HttpRequestMessage Request(Signer? signer, string method, string path, byte[] bytes)
    {
        var target = new Uri(url + path);
        var request = new HttpRequestMessage(new HttpMethod(method), target) { Content = bytes.Length > 0 ? new ByteArrayContent(bytes) : null };
        foreach ((string name, string value) in signer?.Headers(method, target, bytes) ?? [])
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }

    public void Dispose() => _http.Dispose();
}
