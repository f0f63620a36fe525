using Tarn.Core.Sharing;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Background;

/// <summary>Removes the rows of share links that have expired.</summary>
internal sealed partial class ShareLinkSweepService(ShareLinks links, ILogger<ShareLinkSweepService> logger) : BackgroundWork(logger)
{
    protected override Task RunAsync(CancellationToken stopping) => links.RunAsync(Failed, stopping);

    protected override void LogFailed(Exception e) => Log(logger, e);

    [LoggerMessage(EventIds.ShareSweepFailed, LogLevel.Error, "Removing expired share links failed; it is tried again later")]
    private static partial void Log(ILogger logger, Exception exception);
}
