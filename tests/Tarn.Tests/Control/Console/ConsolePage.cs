using System.Text;
using System.Text.Json;

namespace Tarn.Tests.Control.Console;

/// <summary>A page of the console in a browser, as a server sees it: it keeps the cookie, and says where its requests are from.</summary>
internal sealed class ConsolePage(string control) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false });

    /// <summary>The Cookie header, with other cookies too where a test says so; null for none.</summary>
    public string? Cookie { get; set; }

    /// <summary>What it keeps to prove that it began its session; null: it does not say.</summary>
    public string? Proof { get; set; } = Signer.Proof;

    /// <summary>The cookies that the last answer set, as they were sent.</summary>
    public string[] Set { get; private set; } = [];

    /// <summary>The attributes of the cookie that was set last, in lower case; the first is its name and value as they were sent.</summary>
    public string[] Attributes { get; private set; } = [];

    /// <summary>Headers of every request, as a proxy adds them.</summary>
    public Dictionary<string, string> More { get; } = [];

    /// <summary>Headers of the last answer.</summary>
    public Dictionary<string, string> Answer { get; private set; } = [];

    public string Name => Cookie!.Split('=')[0];

    /// <summary>The value of the cookie.</summary>
    public string Value => Cookie![(Name.Length + 1)..];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>What the page sends to sign in.</summary>
    public static string Body(Signer signer) => signer.Id is null
        ? JsonSerializer.Serialize(new Dictionary<string, string> { ["token"] = signer.Secret })
        : JsonSerializer.Serialize(new Dictionary<string, string> { ["accessKey"] = signer.Id, ["secretKey"] = signer.Secret });

    public static async Task<ConsolePage> SignedInAsync(string control, Signer signer)
    {
        var page = new ConsolePage(control);
        (int status, JsonElement answer) = await page.SendAsync("POST", "/api/session", Body(signer));
        Assert.True(status == 200, $"{status} {answer}");
        return page;
    }

    /// <summary>Sends a request, and keeps the cookie that the answer sets.</summary>
    public async Task<(int Status, JsonElement Answer)> SendAsync(string method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(control + path)) { Content = body is null ? null : new StringContent(body, Encoding.UTF8) };
        if (Proof is not null)
        {
            request.Headers.TryAddWithoutValidation("X-Tarn-Console", Proof);
        }

        request.Headers.TryAddWithoutValidation("Sec-Fetch-Site", "same-origin");
        if (Cookie is not null)
        {
            request.Headers.TryAddWithoutValidation("Cookie", Cookie);
        }

        foreach ((string name, string value) in More)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using HttpResponseMessage answer = await _http.SendAsync(request, Token);
        Answer = answer.Headers.ToDictionary(static header => header.Key, static header => string.Join(',', header.Value), StringComparer.OrdinalIgnoreCase);
        Set = answer.Headers.TryGetValues("Set-Cookie", out IEnumerable<string>? cookies) ? [.. cookies] : [];
        if (Set.Length > 0)
        {
            string[] parts = [.. Set[0].Split(';').Select(static part => part.Trim())];
            Attributes = [parts[0], .. parts[1..].Select(static part => part.ToLowerInvariant())];
            Cookie = parts[0];
        }

        using JsonDocument document = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(Token));
        return ((int)answer.StatusCode, document.RootElement.Clone());
    }

    /// <summary>Sends a request that succeeds, and returns its data.</summary>
    public async Task<JsonElement> DataAsync(string method, string path, string? body = null)
    {
        (int status, JsonElement answer) = await SendAsync(method, path, body);
        Assert.True(status is 200 or 201, $"{method} {path}: {status} {answer}");
        return answer.TryGetProperty("data", out JsonElement data) ? data : default;
    }

    /// <summary>Sends a request that is refused, and returns the message.</summary>
    public async Task<string> RefusalAsync(int expected, string method, string path, string? body = null)
    {
        (int status, JsonElement answer) = await SendAsync(method, path, body);
        Assert.True(status == expected, $"{method} {path} {body}: {status} {answer}");
        return answer.GetProperty("error").GetString()!;
    }

    /// <summary>Presigns a URL.</summary>
    public async Task<Presigned> PresignAsync(string method, string? bucket = null, string? key = null, object? query = null, object? headers = null, int? expiresIn = null)
    {
        var body = new Dictionary<string, object> { ["method"] = method };
        foreach ((string name, object? value) in new (string, object?)[] { ("bucket", bucket), ("key", key), ("query", query), ("headers", headers), ("expiresIn", expiresIn) })
        {
            if (value is not null)
            {
                body[name] = value;
            }
        }

        JsonElement data = await DataAsync("POST", "/api/presign", JsonSerializer.Serialize(body));
        return new Presigned(method, data.GetProperty("url").GetString()!, data.GetProperty("headers").Deserialize<Dictionary<string, string>>()!);
    }

    /// <summary>Does what a presigned URL is for.</summary>
    public async Task<(int Status, string Text)> UseAsync(Presigned presigned, string? body = null, string? host = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(presigned.Method), new Uri(presigned.Url)) { Content = body is null ? null : new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        foreach ((string name, string value) in presigned.Headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                request.Content!.Headers.TryAddWithoutValidation(name, value);
            }
        }

        request.Headers.Host = host;
        using HttpResponseMessage answer = await _http.SendAsync(request, Token);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Token));
    }

    public void Dispose() => _http.Dispose();
}

/// <summary>A presigned URL with the method and headers of its request.</summary>
internal sealed record Presigned(string Method, string Url, Dictionary<string, string> Headers);
