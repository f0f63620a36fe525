using Tarn.Core;
using Tarn.Core.Buckets;
using Tarn.Server.Auditing;
using Tarn.Server.Backups;
using Tarn.Server.Configuration;
using Tarn.Server.Connections;
using Tarn.Server.Identity;
using Tarn.Server.Logging;
using Tarn.Server.Storage;
using Tarn.Server.Telemetry;
using Tarn.Server.Web;

namespace Tarn.Server.Hosting;

/// <summary>The steps of <c>tarn serve</c>, top to bottom: lock the directory, open the stores, listen, wait, drain, close.</summary>
internal static class ServerProcess
{
    /// <returns>The exit code, 0: the server was told to stop, perhaps before it had started.</returns>
    public static async Task<int> RunAsync(ServerOptions options, TextWriter output, CancellationToken cancellationToken)
    {
        using var log = new ProcessLog(options.LogLevel);
        await ServeAsync(options, output, log, cancellationToken);
        return 0;
    }

    private static async Task ServeAsync(ServerOptions options, TextWriter output, ProcessLog log, CancellationToken cancellationToken)
    {
        (ILoggerFactory loggers, StopSignals signals) = (log.Loggers, log.Signals);
        OtlpSettings otlp = OtlpSettings.FromEnvironment();
        DescriptorBudget descriptors = DescriptorBudget.OfProcess(mirrored: options.Mirror is not null);
        BackupPlaces.ThrowIfMisplaced(options);
        await using Engines? engines = await OpenAsync(options, descriptors, loggers, signals.Received);
        if (engines is null || signals.Received.IsCancellationRequested)
        {
            return;
        }

        // Before there may be a new root key, of which it has to tell.
        using AuditLog audit = AuditLog.Open(options, TimeProvider.System, loggers.CreateLogger<LineLog>());

        // A signal does not interrupt this: nobody would ever see a root key that was committed but not shown.
        using ServerIdentity identity = await ServerIdentity.OpenAsync(
            options, IdentityFiles.Of(engines.Lead!.Root), engines.Rows, TimeProvider.System, SystemRandomSource.Instance, cancellationToken);
        audit.AddStart(options, identity.Root, TimeProvider.System);
        ILogger banner = loggers.CreateLogger(typeof(Banner));
        if (identity.Root.IsNewKey)
        {
            // Before anything else can fail: the next start does not show the key again.
            Banner.Print(output, Banner.Credentials(identity.Root.Key), banner);
        }

        if (engines.Mirror is { } mirror)
        {
            await mirror.ShareFilesAsync();
        }

        await using TarnHost host = Composition.Create(options, engines, identity, audit, otlp, TimeProvider.System, ConsoleFiles.Load(ConsoleFiles.Archive), builder =>
        {
            builder.Logging.AddProvider(log.Lines);
            builder.Services.AddSingleton(descriptors).AddSingleton(signals);
        });
        if (signals.Received.IsCancellationRequested)
        {
            return;
        }

        await StartupBuckets.CreateAsync(options, identity, host.Services.GetRequiredService<BucketCatalog>(), cancellationToken);
        await host.StartAsync(cancellationToken);
        Banner.Print(output, Banner.Text(options, host, identity.Root), banner);
        await host.WaitForShutdownAsync(cancellationToken);
    }

    /// <returns>Null if the server was told to stop meanwhile: what was open is closed.</returns>
    private static async Task<Engines?> OpenAsync(ServerOptions options, DescriptorBudget descriptors, ILoggerFactory loggers, CancellationToken stop)
    {
        try
        {
            return await Engines.OpenAsync(options, SystemRandomSource.Instance, TimeProvider.System, descriptors.MetadataFiles, loggers, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return null;
        }
    }
}
