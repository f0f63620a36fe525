using Tarn.Core.Identity;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Background;

/// <summary>Writes when access keys were last used, every minute and when the server stops.</summary>
internal sealed partial class AccessKeyUseService(AccessKeyUses uses, ILogger<AccessKeyUseService> logger) : BackgroundWork(logger)
{
    protected override async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            await uses.RunAsync(Failed, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            await LastAsync();
        }
    }

    protected override void LogFailed(Exception e) => Log(logger, e);

    /// <summary>Writes what was noted since the last minute: the stores are open until this has ended.</summary>
    private async Task LastAsync()
    {
        try
        {
            await uses.FlushAsync(CancellationToken.None);
        }
        catch (Exception e)
        {
            Failed(e);
        }
    }

    [LoggerMessage(EventIds.AccessKeyUsesFailed, LogLevel.Error, "Writing when access keys were last used failed; it is tried again in a minute")]
    private static partial void Log(ILogger logger, Exception exception);
}
