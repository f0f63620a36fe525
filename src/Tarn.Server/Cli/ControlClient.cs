using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Tarn.S3.Auth;
using Tarn.Server.Control;

namespace Tarn.Server.Cli;

/// <summary>An HTTP client of a server's control API, for the commands.</summary>
/// <param name="endpoint">The control address: <c>http://127.0.0.1:9001</c>.</param>
/// <param name="credentials">The credentials to authenticate with.</param>
/// <param name="time">The clock for signatures.</param>
/// <param name="handler">Sends the requests; null: as usual.</param>
internal sealed class ControlClient(Uri endpoint, ClientCredentials credentials, TimeProvider time, HttpMessageHandler? handler = null) : IDisposable
{
    private static readonly byte[] NoBody = [];

    /// <summary>How long an answer that goes on may be silent. A server sends something every fifteen seconds.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(60);

    /// <summary>How long an answer may take.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(100);

    private readonly HttpClient _http = new(handler ?? new HttpClientHandler()) { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>Joins path segments, each escaped.</summary>
    public static string Path(params ReadOnlySpan<string> parts)
    {
        var path = new System.Text.StringBuilder();
        foreach (string part in parts)
        {
            path.Append('/').Append(Uri.EscapeDataString(part));
        }

        return path.ToString();
    }

    /// <summary>Appends the query parameters that have values to a path.</summary>
    public static string Query(string path, params ReadOnlySpan<(string Name, string? Value)> parameters)
    {
        var query = new System.Text.StringBuilder(path);
        char divider = '?';
        foreach ((string name, string? value) in parameters)
        {
            if (value is not null)
            {
                query.Append(divider).Append(name).Append('=').Append(Uri.EscapeDataString(value));
                divider = '&';
            }
        }

        return query.ToString();
    }

    /// <summary>Sends a request and returns the <c>data</c> of the answer.</summary>
    /// <exception cref="CliException">The server cannot be reached, or refuses the request.</exception>
    public Task<JsonElement> SendAsync(HttpMethod method, string path, CancellationToken cancellationToken) =>
        SendAsync(method, path, NoBody, cancellationToken);

    /// <summary>Sends a request with a JSON body and returns the <c>data</c> of the answer.</summary>
    /// <exception cref="CliException">The server cannot be reached, or refuses the request.</exception>
    public Task<JsonElement> SendAsync<T>(HttpMethod method, string path, T body, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        SendAsync(method, path, JsonSerializer.SerializeToUtf8Bytes(body, type), cancellationToken);

    /// <summary>Fetches all items of a list, page by page.</summary>
    /// <param name="path">The path of the list, with its query.</param>
    /// <param name="member">The member of the answer that holds the items.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <param name="more">Receives each page, for what else is in it.</param>
    /// <exception cref="CliException">The server cannot be reached, or refuses the request.</exception>
    public async Task<List<JsonElement>> ListAsync(string path, string member, CancellationToken cancellationToken, Action<JsonElement>? more = null)
    {
        var items = new List<JsonElement>();
        string? cursor = null;
        do
        {
            string page = cursor is null ? path
                : $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}cursor={Uri.EscapeDataString(cursor)}";
            JsonElement data = await SendAsync(HttpMethod.Get, page, cancellationToken);
            items.AddRange(data.GetProperty(member).EnumerateArray());
            more?.Invoke(data);
            cursor = data.TryGetProperty("nextCursor", out JsonElement next) ? next.GetString() : null;
        }
        while (cursor is not null);
        return items;
    }

    /// <summary>Sends a request whose body is JSON text and returns the <c>data</c> of the answer.</summary>
    /// <exception cref="CliException">The server cannot be reached, or refuses the request.</exception>
    public Task<JsonElement> SendAsync(HttpMethod method, string path, byte[] body, CancellationToken cancellationToken) =>
        SendAsync(method, path, body, "application/json", Patience, cancellationToken);

    /// <summary>Sends a request and returns the <c>data</c> of the answer.</summary>
    /// <param name="method">HTTP method.</param>
    /// <param name="path">The path, with its query.</param>
    /// <param name="body">The whole body. The server verifies its SHA-256.</param>
    /// <param name="mediaType">The body's media type.</param>
    /// <param name="patience">How long the answer may take.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="CliException">The server cannot be reached, or refuses the request.</exception>
    public async Task<JsonElement> SendAsync(HttpMethod method, string path, byte[] body, string mediaType, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        var target = new Uri(endpoint, path);
        using var request = new HttpRequestMessage(method, target);
        if (body.Length > 0)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
        }

        Authenticate(request, target, body);
        try
        {
            using HttpResponseMessage response = await _http.SendAsync(request, either.Token);
            return Data(response, await response.Content.ReadAsByteArrayAsync(either.Token));
        }
        catch (HttpRequestException e)
        {
            throw Unreachable(e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw Silent(e);
        }
    }

    /// <summary>Reads the lines of an answer that goes on until the server ends it. Empty lines are left out.</summary>
    /// <param name="path">The path, with its query.</param>
    /// <param name="line">Is given each line, as JSON.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="CliException">The server cannot be reached, refuses the request, or the connection broke.</exception>
    public async Task FollowAsync(string path, Action<JsonElement> line, CancellationToken cancellationToken)
    {
        var target = new Uri(endpoint, path);
        using var request = new HttpRequestMessage(HttpMethod.Get, target);
        Authenticate(request, target, NoBody);
        using var limit = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            using HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            if (!response.IsSuccessStatusCode)
            {
                _ = Data(response, await response.Content.ReadAsByteArrayAsync(cancellationToken));
            }

            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
            while (await ReadLineAsync(reader, cancellationToken) is { } text)
            {
                if (text.Length > 0)
                {
                    using JsonDocument document = JsonDocument.Parse(text);
                    line(document.RootElement);
                }
            }
        }
        catch (JsonException e)
        {
            throw new CliException("the answer is not from Tarn's control API", e);
        }
        catch (HttpRequestException e)
        {
            throw Unreachable(e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw Silent(e);
        }
    }

    public void Dispose() => _http.Dispose();

    /// <summary>Reads a line, of which a living server sends at least an empty one every few seconds.</summary>
    private async Task<string?> ReadLineAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        using var silence = new CancellationTokenSource(Silence, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, silence.Token);
        try
        {
            return await reader.ReadLineAsync(either.Token);
        }
        catch (OperationCanceledException e) when (silence.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new CliException($"the server has sent nothing for {Silence.TotalSeconds:0} seconds: it is gone, or cannot be reached any more", e);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            // A connection that dies while it is read may also end as a canceled read.
            throw new CliException("the connection to the server broke: the server was killed, or cannot be reached any more", e);
        }
    }

    private CliException Unreachable(HttpRequestException e) =>
        new($"cannot reach the control address {endpoint.GetLeftPart(UriPartial.Authority)}: {e.Message} (set another with --endpoint or TARN_ENDPOINT)", e);

    private CliException Silent(OperationCanceledException e) => new($"the control address {endpoint.GetLeftPart(UriPartial.Authority)} did not answer in time", e);

    private void Authenticate(HttpRequestMessage request, Uri target, byte[] body)
    {
        if (credentials.Token is { } token)
        {
            request.Headers.TryAddWithoutValidation("Authorization", token);
            if (body.Length > 0)
            {
                request.Headers.TryAddWithoutValidation("x-amz-content-sha256", Convert.ToHexStringLower(SHA256.HashData(body)));
            }

            return;
        }

        foreach ((string name, string value) in RequestSigner.Sign(
            credentials.AccessKey!, credentials.SecretKey!, ControlAuthenticator.Service, request.Method.Method, target, body, time.GetUtcNow()))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
    }

    private static JsonElement Data(HttpResponseMessage response, byte[] body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            JsonElement answer = document.RootElement;
            if (answer.TryGetProperty("success", out JsonElement success) && success.ValueKind == JsonValueKind.True)
            {
                return answer.TryGetProperty("data", out JsonElement data) ? data.Clone() : default;
            }

            if (answer.TryGetProperty("error", out JsonElement error))
            {
                throw new CliException($"{error.GetString()} ({(int)response.StatusCode})");
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new CliException($"the answer is not from Tarn's control API (status {(int)response.StatusCode})", e);
        }

        throw new CliException($"the answer is not from Tarn's control API (status {(int)response.StatusCode})");
    }
}
