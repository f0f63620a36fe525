using Tarn.TestKit.Servers;

namespace Tarn.EndToEnd.Console.Harness;

/// <summary>The server of one <see cref="Victim"/> after another, started at the first use.</summary>
public sealed class VictimServer : IAsyncLifetime
{
    private TarnServer? _server;

    public ValueTask InitializeAsync() => default;

    public async Task<TarnServer> BeginAsync() => _server ??= await TarnServer.StartAsync();

    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? default;
}
