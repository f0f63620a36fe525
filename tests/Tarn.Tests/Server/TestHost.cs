using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tarn.Server.Configuration;
using Tarn.Server.Connections;
using Tarn.Server.Hosting;

namespace Tarn.Tests.Server;

/// <summary>Hosts over whatever a test serves, on free ports.</summary>
internal static class TestHost
{
    public static readonly Dictionary<string, string[]> FreePorts = new()
    {
        ["--s3"] = ["127.0.0.1:0"], ["--control"] = ["127.0.0.1:0"], ["--log-level"] = ["none"],
    };

    public static HostParts Parts(RequestDelegate s3, Action<IEndpointRouteBuilder>? control = null) =>
        new() { S3 = s3, S3Busy = s3, Descriptors = DescriptorBudget.OfProcess(), Control = control, Exit = _ => throw new InvalidOperationException("a second signal") };

    public static async Task<TarnHost> StartAsync(ServerOptions options, HostParts parts, TimeProvider? time = null)
    {
        TarnHost host = TarnHost.Create(options, parts, time ?? TimeProvider.System);
        try
        {
            await host.StartAsync(CancellationToken.None);
            return host;
        }
        catch (StartupException)
        {
            await host.DisposeAsync();
            throw;
        }
    }
}
