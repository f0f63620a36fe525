using System.Globalization;
using System.Text;
using Tarn.Server.Configuration;
using Tarn.Server.Connections;
using Tarn.Server.Hosting;
using Tarn.Server.Logging;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Accelerator;

/// <summary>The steps of <c>tarn accelerate</c>, top to bottom: open the cache, listen, register, wait, drain, close.</summary>
internal static class AcceleratorProcess
{
    /// <summary>How long an immediate end waits for the log.</summary>
    private static readonly TimeSpan LastWords = TimeSpan.FromMilliseconds(250);

    /// <returns>The exit code, 0: it was told to stop.</returns>
    public static async Task<int> RunAsync(AcceleratorOptions options, TextWriter output, CancellationToken cancellationToken)
    {
        using var log = new LogQueue(StandardStreams.WriteError, TimeProvider.System);
        using var lines = new QueuedLoggerProvider(log, TimeProvider.System);
        using ILoggerFactory loggers = LoggerFactory.Create(logging => ServerLogging.Configure(logging, options.LogLevel, lines));
        using var signals = new StopSignals(
            code =>
            {
                log.Flush(LastWords);
                ProcessExit.Now(code);
            },
            loggers.CreateLogger<StopSignals>());
        signals.Listen();
        await using var host = AcceleratorHost.Create(options, OtlpSettings.FromEnvironment(), TimeProvider.System, builder =>
        {
            builder.Logging.AddProvider(lines);
            builder.Services.AddSingleton(DescriptorBudget.OfProcess()).AddSingleton(signals);
        });
        if (!signals.Received.IsCancellationRequested)
        {
            await host.StartAsync(cancellationToken);
            Banner.Print(output, TextOf(options, host), loggers.CreateLogger(typeof(Banner)));
            await host.WaitForShutdownAsync(cancellationToken);
        }

        return 0;
    }

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
