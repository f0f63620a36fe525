using Tarn.TestKit.Servers;

namespace Tarn.Clients;

/// <summary>Servers in a region other than us-east-1: one over TLS, one over HTTP that answers names below a domain.</summary>
public sealed class RegionServers : IAsyncLifetime
{
    /// <summary>The domain of <see cref="HostStyle"/>.</summary>
    public const string Domain = "s3.example.com";

    private const string Region = "eu-central-1";
    private TarnServer _tls = null!;
    private TarnServer _hostStyle = null!;
    private TarnServer? _signatureV2;

    /// <summary>The server over TLS.</summary>
    public TarnEndpoint Tls => _tls.Endpoint;

    /// <summary>The server over HTTP.</summary>
    public TarnEndpoint HostStyle => _hostStyle.Endpoint;

    /// <summary>A server over TLS that accepts Signature Version 2 everywhere, started on first use.</summary>
    public async Task<TarnEndpoint> SignatureV2Async()
    {
        _signatureV2 ??= await TarnServer.StartAsync(new TarnServerOptions { Region = Region, Tls = true, Arguments = ["--signature-v2", "all"] });
        return _signatureV2.Endpoint;
    }

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        _tls = await TarnServer.StartAsync(new TarnServerOptions { Region = Region, Tls = true });
        _hostStyle = await TarnServer.StartAsync(new TarnServerOptions { Region = Region, Arguments = ["--domain", Domain] });
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _tls.DisposeAsync();
        await _hostStyle.DisposeAsync();
        if (_signatureV2 is not null)
        {
            await _signatureV2.DisposeAsync();
        }
    }
}
