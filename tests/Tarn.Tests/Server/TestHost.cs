using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Tarn.Server.Configuration;
using Tarn.Server.Hosting;
using Tarn.Server.Telemetry;

namespace Tarn.Tests.Server;

/// <summary>Listeners and pipeline of a server around whatever a test serves, on free ports.</summary>
internal static class TestHost
{
    public static readonly Dictionary<string, string[]> FreePorts = new()
    {
        ["--s3"] = ["127.0.0.1:0"], ["--control"] = ["127.0.0.1:0"], ["--log-level"] = ["none"],
    };

    /// <param name="options">The options.</param>
    /// <param name="s3">Answers the requests of the S3 listener, including those refused because the server is busy.</param>
    /// <param name="control">Adds to the control address.</param>
    /// <param name="time">The clock; null: the system's.</param>
    /// <param name="otlp">The OTLP export; null for none.</param>
    /// <param name="services">Further services.</param>
    public static async Task<TarnHost> StartAsync(
        ServerOptions options, RequestDelegate s3, ControlMap? control = null, TimeProvider? time = null, OtlpSettings? otlp = null,
        Action<IServiceCollection>? services = null)
    {
        TarnHost host = TarnHost.Create(options, otlp ?? OtlpSettings.None, time ?? TimeProvider.System, builder =>
        {
            builder.Services.AddSingleton<IS3Handler>(new Handler(s3));
            if (control is not null)
            {
                builder.Services.AddSingleton(control);
            }

            services?.Invoke(builder.Services);
        });
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

    private sealed class Handler(RequestDelegate s3) : IS3Handler
    {
        public Task HandleAsync(HttpContext context) => s3(context);

        public Task RefuseBusyAsync(HttpContext context) => s3(context);

        public Task DenyAsync(HttpContext context, string why) => s3(context);
    }
}
