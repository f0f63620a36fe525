using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;

namespace Tarn.Clients.Harness;

/// <summary>A server that has had traffic, hostile requests too, and what scrapes of it said then.</summary>
public sealed class MeasuredServer : IAsyncLifetime
{
    private readonly TemporaryDirectory _mirror = new("mirror");
    private TarnServer _server = null!;

    /// <summary>What <c>/metrics</c> said.</summary>
    public string Metrics { get; private set; } = "";

    /// <summary>What <c>/metrics/buckets</c> said.</summary>
    public string Buckets { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        // With a mirror it has all metrics that a server can have.
        _server = await TarnServer.StartAsync(new TarnServerOptions { Arguments = ["--mirror", _mirror.FullPath] });
        using var client = new RawS3Client(_server.Endpoint);
        await client.SendAsync(HttpMethod.Put, "measured");

        // A start looks for the largest buckets at once.
        await _server.StopAsync();
        await _server.RestartAsync();
        await client.SendAsync(HttpMethod.Put, "measured", "small", body: new byte[100]);
        await client.SendAsync(HttpMethod.Put, "measured", "large", body: new byte[300_000]);
        await client.SendAsync(HttpMethod.Get, "measured", "large");
        await client.SendAsync(HttpMethod.Get, "measured", "missing");
        await client.SendAsync(HttpMethod.Get, "measured");
        await SendHostileAsync();
        (Metrics, Buckets) = (await ScrapeAsync("metrics"), await BucketsAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _mirror.Dispose();
    }

    private async Task SendHostileAsync()
    {
        foreach (string request in (string[])
        [
            "HOSTILE /hostile-1/k HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
            "GET /hostile-2?hostile=1&X-Amz-Algorithm=HOSTILE HTTP/1.1\r\nHost: hostile.example\r\nUser-Agent: hostile\r\nConnection: close\r\n\r\n",
            "GET http://hostile.abs/hostile-3 HTTP/1.1\r\nHost: hostile.abs\r\nX-Forwarded-Proto: hostile\r\nConnection: close\r\n\r\n",
            "GET /measured/hostile HTTP/1.1\r\nHost: a\r\nAuthorization: AWS4-HMAC-SHA256 Credential=HOSTILE/20260101/hostile/s3/aws4_request, SignedHeaders=host, Signature=00\r\nConnection: close\r\n\r\n",
            "GET / HOSTILE/9.9\r\nHost: a\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: hostile\r\nConnection: close\r\n\r\n",
            "PRI * HTTP/2.0\r\n\r\nhostile",
        ])
        {
            await RawConnection.AskAsync(_server.Endpoint.S3, request);
            await RawConnection.AskAsync(_server.Control, request);
        }
    }

    private async Task<string> ScrapeAsync(string path)
    {
        using var http = new HttpClient();
        return await http.GetStringAsync(new Uri(_server.Control, path), TestContext.Current.CancellationToken);
    }

    /// <summary>The metrics of buckets, once the bucket was found.</summary>
    private async Task<string> BucketsAsync()
    {
        using var http = new HttpClient();
        string token = (await new TarnCommands(_server).ReadAsync("token", "create", "prometheus")).GetProperty("token").GetString()!;
        http.DefaultRequestHeaders.Authorization = new System.Net.Http.Headers.AuthenticationHeaderValue("Bearer", token);
        while (true)
        {
            string text = await http.GetStringAsync(new Uri(_server.Control, "metrics/buckets"), TestContext.Current.CancellationToken);
            if (text.Contains("tarn_buckets ", StringComparison.Ordinal))
            {
                return text;
            }
        }
    }
}
