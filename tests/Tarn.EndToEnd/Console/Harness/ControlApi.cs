using System.Net.Http.Json;
using System.Text.Json;
using Tarn.TestKit.Signing;

namespace Tarn.EndToEnd.Console.Harness;

/// <summary>The control API as a script uses it, signed with one key: for what a journey prepares or looks at beside the browser.</summary>
public sealed class ControlApi(Uri control, Credentials credentials) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = control };
    private readonly SigV4TestSigner _signer = new(credentials.AccessKey, credentials.SecretKey, service: "tarn");

    /// <summary>The data of the answer, which must be one of success.</summary>
    public async Task<JsonElement> SendAsync(HttpMethod method, string path, object? body = null)
    {
        byte[] bytes = body is null ? [] : JsonSerializer.SerializeToUtf8Bytes(body);
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new ByteArrayContent(bytes) };
        if (request.Content is { } content)
        {
            content.Headers.ContentType = new("application/json");
        }

        var headers = new Dictionary<string, string> { ["host"] = control.Authority };
        foreach ((string name, string value) in _signer.SignHeaders(method.Method, path, headers, bytes, DateTimeOffset.UtcNow))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using HttpResponseMessage answer = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, $"{method} {path}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}");
        JsonElement envelope = await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        return envelope.TryGetProperty("data", out JsonElement data) ? data : default;
    }

    public Task<JsonElement> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public Task<JsonElement> PostAsync(string path, object body) => SendAsync(HttpMethod.Post, path, body);

    public Task<JsonElement> PutAsync(string path, object body) => SendAsync(HttpMethod.Put, path, body);

    public Task<JsonElement> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path);

    public void Dispose() => _http.Dispose();
}
