using Tarn.Core.KeyValue;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Background;

/// <summary>
/// Background work of the server. Failures are logged and never end the server; cancelled work ends quietly, and the
/// stores stay open until it has ended.
/// </summary>
internal abstract partial class BackgroundWork(ILogger logger) : BackgroundService, IAsyncDisposable
{
    /// <summary>Waits for the work to end: the host waits for as long as for requests, disposal for as long as it takes.</summary>
    public async ValueTask DisposeAsync()
    {
        Dispose();
        if (ExecuteTask is { } task)
        {
            await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await RunAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops. The remaining work is on record, and is done after the next start.
        }
        catch (Exception e)
        {
            LogEnded(logger, e, GetType().Name);
        }
    }

    /// <summary>Does the work until it is done or cancelled.</summary>
    protected abstract Task RunAsync(CancellationToken stopping);

    /// <summary>Logs a failure after which the work goes on.</summary>
    protected abstract void LogFailed(Exception e);

    /// <summary>
    /// Reports a failure. A failed metadata store is logged once, when it fails: retries cannot succeed until a restart.
    /// </summary>
    protected void Failed(Exception e)
    {
        if (e is not StoreFailedException)
        {
            LogFailed(e);
        }
    }

    [LoggerMessage(EventIds.BackgroundWorkEnded, LogLevel.Error, "{Work} failed unexpectedly and stays stopped until the server is restarted")]
    private static partial void LogEnded(ILogger logger, Exception exception, string work);
}
