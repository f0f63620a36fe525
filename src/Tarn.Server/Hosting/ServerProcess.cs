using Tarn.Core;
using Tarn.Core.Disks;
using Tarn.Server.Configuration;
using Tarn.Server.Connections;
using Tarn.Server.Control;
using Tarn.Server.Control.Disks;
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
        var control = new ControlApi(s3.Identity.Store, s3.Identity.Credentials, TimeProvider.System, loggers.CreateLogger<ControlApi>());
        AccessEndpoints.AddTo(control, s3, TimeProvider.System);
        string? controlUrl = null;
        DiskEndpoints.AddTo(control, new DiskServices(
            s3.Disks,
            new DiskUsers(s3.Metadata, s3.Identity.Store, s3.Disks.Catalog),
            s3.Links,
            s3.Objects,
            s3.Identity.Store,
            options.Region,
            () => options.ShareBase?.AbsoluteUri ?? controlUrl!));
        var parts = new HostParts
        {
            S3 = s3.HandleAsync,
            S3Busy = s3.RefuseBusyAsync,
            Descriptors = descriptors,
            Stores = health,
            Control = routes =>
            {
                control.Map(routes);
                SharedEndpoint.Map(routes, s3.Sharing);
            },
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
