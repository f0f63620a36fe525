using Microsoft.Extensions.Logging;
using Tarn.Server.Accelerator;
using Tarn.Server.Configuration;
using Tarn.Server.Telemetry;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;

namespace Tarn.Tests.Accelerator;

/// <summary>An accelerator in this process, on a free port.</summary>
internal sealed class TestAccelerator : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory;

    private TestAccelerator(TemporaryDirectory directory, AcceleratorHost host) => (_directory, Host) = (directory, host);

    public AcceleratorHost Host { get; }

    public Uri Url => new(Host.S3Url);

    /// <param name="upstream">The upstream.</param>
    /// <param name="time">The clock; null: the system's.</param>
    /// <param name="change">Changes the options.</param>
    public static async Task<TestAccelerator> StartAsync(Uri upstream, TimeProvider? time = null, Func<AcceleratorOptions, AcceleratorOptions>? change = null)
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
        var host = AcceleratorHost.Create(change?.Invoke(options) ?? options, OtlpSettings.None, time ?? TimeProvider.System);
        await host.StartAsync(CancellationToken.None);
        return new TestAccelerator(directory, host);
    }

    public Task<RawConnection> ConnectAsync() => RawConnection.OpenAsync(Url);

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        _directory.Dispose();
    }
}
