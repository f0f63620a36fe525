using System.Globalization;
using System.Text;
using Tarn.Core;
using Tarn.Core.Cache;
using Tarn.Server.Configuration;
using Tarn.Server.Hosting;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Accelerator;

/// <summary>The steps of <c>tarn accelerate</c>, top to bottom: open the cache, listen, register, wait, drain, close.</summary>
internal static class AcceleratorProcess
{
    /// <summary>The memory of the cache for fetches, in bytes, where the settings do not say.</summary>
    private const long MinDefaultMemory = 16L << 20, MaxDefaultMemory = 1L << 30;

    /// <returns>The exit code, 0: it was told to stop.</returns>
    public static async Task<int> RunAsync(AcceleratorOptions options, TextWriter output, CancellationToken cancellationToken)
    {
        using var log = new ProcessLog(options.LogLevel);

        // Before the cache is opened, which opens its files.
        var descriptors = AcceleratorDescriptors.OfProcess(options);
        await using BlockCache? cache = await OpenAsync(options, log.Loggers, log.Signals.Received);
        if (cache is null)
        {
            return 0;
        }

        await using var host = AcceleratorHost.Create(options, cache, OtlpSettings.FromEnvironment(), TimeProvider.System, builder =>
        {
            builder.Logging.AddProvider(log.Lines);
            builder.Services.AddSingleton(descriptors).AddSingleton(log.Signals);
        });
        if (!log.Signals.Received.IsCancellationRequested)
        {
            await host.StartAsync(cancellationToken);
            Banner.Print(output, TextOf(options, host), log.Loggers.CreateLogger(typeof(Banner)));
            await host.WaitForShutdownAsync(cancellationToken);
        }

        return 0;
    }

    /// <returns>Null if it was told to stop meanwhile.</returns>
    /// <exception cref="StartupException">The cache cannot be opened.</exception>
    private static async Task<BlockCache?> OpenAsync(AcceleratorOptions options, ILoggerFactory loggers, CancellationToken stop)
    {
        try
        {
            return await BlockCache.OpenAsync(
                CacheOptionsOf(options), new CacheReports(loggers.CreateLogger<CacheReports>()), TimeProvider.System, SystemRandomSource.Instance, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return null;
        }
        catch (CacheDirectoryException e)
        {
            throw new StartupException($"{AcceleratorSettings.Cache.Flag}: {e.Message}", e);
        }
    }

    /// <summary>The options of the cache.</summary>
    internal static BlockCacheOptions CacheOptionsOf(AcceleratorOptions options) => new(
        options.Cache,
        options.CacheSize,
        options.CacheMaxAge,
        options.CacheMemory ?? Math.Clamp(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 8, MinDefaultMemory, MaxDefaultMemory));

    private static string TextOf(AcceleratorOptions options, AcceleratorHost host)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"S3 endpoint   {host.S3Url}");
        text.AppendLine(CultureInfo.InvariantCulture, $"Server        {options.Upstream}");
        text.AppendLine(CultureInfo.InvariantCulture, $"Cache         {options.Cache}");
        if (host.MetricsUrl is { } metrics)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"Metrics       {metrics}/metrics");
        }

        text.AppendLine("Ready.");
        return text.ToString();
    }
}
