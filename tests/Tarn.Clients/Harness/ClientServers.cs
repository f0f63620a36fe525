using Tarn.TestKit.Servers;

namespace Tarn.Clients.Harness;

/// <summary>
/// The servers all clients share: one over HTTP, one over HTTPS, each started when the first test asks for it.
/// <c>TARN_TEST_ENDPOINT</c> puts another endpoint in their place, of whichever scheme it has.
/// </summary>
public sealed class ClientServers : IAsyncDisposable
{
    private readonly SemaphoreSlim _gate = new(1);
    private readonly Dictionary<string, TarnServer> _started = [];

    /// <summary>The endpoint for <c>http</c> or <c>https</c>; skips the test when the given endpoint has the other scheme.</summary>
    public async Task<TarnEndpoint> EndpointAsync(string scheme)
    {
        if (TarnEndpoint.FromEnvironment() is { } given)
        {
            Assert.SkipUnless(given.S3.Scheme == scheme, $"TARN_TEST_ENDPOINT is {given.S3.Scheme}, not {scheme}");
            return given;
        }

        await _gate.WaitAsync();
        try
        {
            if (!_started.TryGetValue(scheme, out var server))
            {
                server = await TarnServer.StartAsync(new TarnServerOptions { Tls = scheme == "https" });
                _started.Add(scheme, server);
            }

            return server.Endpoint;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>The end of what the servers wrote, for the message of a failing test.</summary>
    public string Output(TarnEndpoint endpoint)
    {
        var text = _started.Values.FirstOrDefault(server => server.Endpoint == endpoint)?.Output ?? "";
        return text.Length > 4000 ? text[^4000..] : text;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var server in _started.Values)
        {
            try
            {
                await server.StopAsync();
            }
            finally
            {
                await server.DisposeAsync();
            }
        }

        _gate.Dispose();
    }
}
