using Tarn.Tests.Control;

namespace Tarn.Tests.Docs;

public sealed class ControlPageTests : IAsyncLifetime
{
    private ControlServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await ControlServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    /// <summary>HEAD is not listed: every endpoint that accepts it accepts GET.</summary>
    [Fact]
    public void The_page_of_the_control_api_lists_exactly_the_endpoints_there_are()
    {
        string[] expected = [.. ControlEndpoint.Mapped(_server.Services)
            .Where(endpoint => endpoint.Method != "HEAD" && endpoint.IsDescribed)
            .Select(endpoint => $"`{endpoint.Name}`").Order(StringComparer.Ordinal)];
        string[] listed = [.. Pages.Read("docs/reference/control-api.md").Split('\n')
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal) && line.Contains(" /", StringComparison.Ordinal))
            .Select(line => line.Split('|')[1].Trim()).Order(StringComparer.Ordinal)];
        Assert.Equal(expected, listed);
    }
}
