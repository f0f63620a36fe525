using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Tarn.Core;
using Tarn.Core.Cache;
using Tarn.Server.Accelerator;
using Tarn.Server.Accelerator.Registration;
using Tarn.Server.Configuration;
using Tarn.Server.Telemetry;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;

namespace Tarn.Tests.Accelerator;

/// <summary>An accelerator in this process, on a free port.</summary>
internal sealed class TestAccelerator : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory;
    private bool _isDisposed;

    private TestAccelerator(TemporaryDirectory directory, BlockCache cache, AcceleratorHost host) => (_directory, Cache, Host) = (directory, cache, host);

    public BlockCache Cache { get; }

    public AcceleratorHost Host { get; }

    public Uri Url => new(Host.S3Url);

    /// <param name="upstream">The upstream.</param>
    /// <param name="time">The clock; null: the system's.</param>
    /// <param name="change">Changes the options.</param>
    /// <param name="more">Adds or replaces services: of two registrations the last one counts.</param>
    /// <param name="registers">Whether it registers itself; otherwise the upstream sees the requests of clients alone.</param>
    public static async Task<TestAccelerator> StartAsync(Uri upstream, TimeProvider? time = null, Func<AcceleratorOptions, AcceleratorOptions>? change = null, bool registers = false, Action<IServiceCollection>? more = null)
    {
        var directory = new TemporaryDirectory();
        var options = new AcceleratorOptions
        {
            Upstream = upstream,
            Token = "token-of-tests",
            Name = "node-1",
            Zone = "z1",
            Domains = ["s3.test"],
            Cache = directory.PathOf("cache"),
            CacheSize = 64L << 20,
            CacheMemory = 16L << 20,
            S3 = new ListenAddress(System.Net.IPAddress.Loopback, false, 0),
            LogLevel = LogLevel.None,
        };
        options = change?.Invoke(options) ?? options;
        time ??= TimeProvider.System;
        BlockCache cache = await BlockCache.OpenAsync(
            AcceleratorProcess.CacheOptionsOf(options), new CacheReports(NullLogger<CacheReports>.Instance), time, SystemRandomSource.Instance, CancellationToken.None);
        var host = AcceleratorHost.Create(options, cache, OtlpSettings.None, time, builder =>
        {
            foreach (ServiceDescriptor service in registers ? [] : builder.Services.Where(IsRegistration).ToArray())
            {
                builder.Services.Remove(service);
            }

            more?.Invoke(builder.Services);
        });
        await host.StartAsync(CancellationToken.None);
        return new TestAccelerator(directory, cache, host);
    }

    private static bool IsRegistration(ServiceDescriptor service) =>
        service.ServiceType == typeof(IHostedService) && service.ImplementationFactory?.GetType().GenericTypeArguments[^1] == typeof(RegistrationService);

    public Task<RawConnection> ConnectAsync() => RawConnection.OpenAsync(Url);

    /// <summary>Registers once.</summary>
    public Task RegisterAsync() => Host.Services.GetRequiredService<RegistrationService>().RegisterAsync(CancellationToken.None);

    /// <summary>Ends it; may be called twice.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        await Host.DisposeAsync();
        await Cache.DisposeAsync();
        _directory.Dispose();
    }
}
