using Tarn.Server.Telemetry;

namespace Tarn.Server.Control;

/// <summary>The log of the control API: a line for each change, attempted or done, and at level debug one for each request.</summary>
internal static partial class ControlLog
{
    /// <param name="logger">The log.</param>
    /// <param name="outcome">The outcome of the request.</param>
    /// <param name="failure">The failure of the server that ended the request; null if there was none.</param>
    public static void Write(ILogger logger, in ControlOutcome outcome, Exception? failure)
    {
        if (failure is not null)
        {
            Failed(logger, failure, outcome.Method, outcome.Path);
        }

        if (outcome.IsChange)
        {
            Change(logger, outcome.Requester ?? "-", outcome.Method, outcome.Path, outcome.Status);
        }

        if (logger.IsEnabled(LogLevel.Debug))
        {
            Served(logger, outcome.Method, outcome.Route, outcome.Status, outcome.BytesIn, outcome.BytesOut, outcome.Total.TotalMilliseconds, outcome.Requester);
        }
    }

    [LoggerMessage(EventIds.ControlFailed, LogLevel.Error, "{Method} {Path} failed")]
    private static partial void Failed(ILogger logger, Exception exception, string method, string path);

    [LoggerMessage(EventIds.ControlChange, LogLevel.Information, "{Who} {Method} {Path}: {Status}")]
    private static partial void Change(ILogger logger, string who, string method, string path, int status);

    [LoggerMessage(EventIds.ControlServed, LogLevel.Debug, "{Method} {Route} {Status} in={BytesIn} out={BytesOut} {Milliseconds:F1} ms by={Who}")]
    private static partial void Served(ILogger logger, string method, string route, int status, long bytesIn, long bytesOut, double milliseconds, string? who);
}
