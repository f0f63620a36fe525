using Tarn.Server.Telemetry;

namespace Tarn.Server.Control;

/// <summary>The log of the control API: a line for each change, attempted or done, and at level debug one for each request.</summary>
internal static partial class ControlLog
{
    public static void Write(ILogger logger, in ControlOutcome outcome)
    {
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
    public static partial void Failed(ILogger logger, Exception exception, string method, string path);

    [LoggerMessage(EventIds.ControlChange, LogLevel.Information, "{Who} {Method} {Path}: {Status}")]
    private static partial void Change(ILogger logger, string who, string method, string path, int status);

    [LoggerMessage(EventIds.ControlServed, LogLevel.Debug, "{Method} {Route} {Status} in={BytesIn} out={BytesOut} {Milliseconds:F1} ms by={Who}")]
    private static partial void Served(ILogger logger, string method, string route, int status, long bytesIn, long bytesOut, double milliseconds, string? who);
}
