using System.Net;
using Tarn.Tests.Control;

namespace Tarn.Tests.Requests;

/// <summary>Reads the lines of <c>/api/trace</c> as they come.</summary>
internal sealed class TraceReader(string url) : IAsyncDisposable
{
    private readonly HttpClient _http = new() { Timeout = Timeout.InfiniteTimeSpan };
    private readonly List<string> _lines = [];
    private readonly SemaphoreSlim _more = new(0);
    private HttpResponseMessage? _response;
    private Task _reading = Task.CompletedTask;

    /// <summary>The lines so far, without empty ones.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines)
            {
                return [.. _lines];
            }
        }
    }

    /// <summary>Ends when the answer does.</summary>
    public Task Ended => _reading;

    /// <summary>Sends the request; from then on it is watched.</summary>
    public async Task<HttpStatusCode> StartAsync(Signer signer, string path, CancellationToken cancellationToken)
    {
        var target = new Uri(url + path);
        using var request = new HttpRequestMessage(HttpMethod.Get, target);
        foreach ((string name, string value) in signer.Headers("GET", target, []))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        _response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (_response.IsSuccessStatusCode)
        {
            _reading = ReadAsync(await _response.Content.ReadAsStreamAsync(cancellationToken));
        }

        return _response.StatusCode;
    }

    /// <summary>Waits for a line.</summary>
    public async Task<string> UntilAsync(Func<string, bool> wanted)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (true)
        {
            if (Lines.FirstOrDefault(wanted) is { } line)
            {
                return line;
            }

            await _more.WaitAsync(limit.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _response?.Dispose();
        _http.Dispose();
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _more.Dispose();
    }

    private async Task ReadAsync(Stream stream)
    {
        using var reader = new StreamReader(stream);
        while (await reader.ReadLineAsync() is { } line)
        {
            if (line.Length > 0)
            {
                lock (_lines)
                {
                    _lines.Add(line);
                }

                _more.Release();
            }
        }
    }
}
