using Tarn.Core;
using Tarn.Server.Configuration;
using Tarn.Server.Connections;
using Tarn.Server.Control;
using Tarn.Server.Control.Endpoints;
using Tarn.Server.Logging;
using Tarn.Server.Storage;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Hosting;

/// <summary>The life of <c>tarn serve</c>, top to bottom: take the directory, open the stores, listen, wait, drain, close.</summary>
internal static class ServerProcess
{
    /// <summary>How long an end at once waits for the log.</summary>
    private static readonly TimeSpan LastWords = TimeSpan.FromMilliseconds(250);

    public static async Task<int> RunAsync(ServerOptions options, TextWriter output, CancellationToken cancellationToken)
    {
        OtlpSettings otlp = OtlpSettings.FromEnvironment();
        DescriptorBudget descriptors = DescriptorBudget.OfProcess();
        using DataDirectory data = DataDirectory.Open(options.Data, SystemRandomSource.Instance, options.ExpectData);
        using var log = new LogQueue(StandardStreams.WriteError, TimeProvider.System);
        using var lines = new QueuedLoggerProvider(log, TimeProvider.System);
        using ILoggerFactory loggers = LoggerFactory.Create(logging => ServerLogging.Configure(logging, options.LogLevel, lines));
        using var health = new StoreHealth();
        await using S3Endpoint s3 = await S3Endpoint.OpenAsync(
            options, data, descriptors.MetadataFiles, health, TimeProvider.System, SystemRandomSource.Instance, loggers, cancellationToken);
        string? controlUrl = null;
        var control = new ControlOptions(options.Region, () => options.ShareBase?.AbsoluteUri ?? controlUrl!);
        var parts = new HostParts
        {
            S3 = s3.HandleAsync,
            S3Busy = s3.RefuseBusyAsync,
            Descriptors = descriptors,
            Stores = health,
            Services = services => s3.AddTo(services).AddTarnControl(control),
            Control = static routes => routes.MapTarnControl(),
            Log = lines,
            Otlp = otlp,
            Exit = code =>
            {
                log.Flush(LastWords);
                ProcessExit.Now(code);
            },
        };
        await using TarnHost host = TarnHost.Create(options, parts, TimeProvider.System);
        using IDisposable refusals = s3.AnswerRefusals(host.Events);
        await host.StartAsync(cancellationToken);
        controlUrl = host.ControlUrl;
        Banner.Print(output, Banner.Text(options, host, s3.Identity.Root), loggers.CreateLogger(typeof(Banner)));
        await host.WaitForShutdownAsync(cancellationToken);
        return 0;
    }
}
