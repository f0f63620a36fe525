using System.Diagnostics.Tracing;

namespace Tarn.Server.Telemetry;

/// <summary>Logs that spans or metrics could not be exported, which OpenTelemetry reports by an event source alone: at most one line a minute.</summary>
internal sealed partial class ExportFailures(TimeProvider time, ILogger<ExportFailures> logger) : EventListener
{
    private const string Source = "OpenTelemetry-Exporter-OpenTelemetryProtocol";

    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    // The base constructor reports sources before the fields of this class are set.
    private readonly Lock? _gate = new();
    private long _since;
    private DateTimeOffset _next;

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == Source)
        {
            EnableEvents(eventSource, EventLevel.Warning);
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (_gate is null)
        {
            return;
        }

        long failures;
        lock (_gate)
        {
            _since++;
            if (time.GetUtcNow() < _next)
            {
                return;
            }

            _next = time.GetUtcNow() + Pause;
            (failures, _since) = (_since, 0);
        }

        LogFailed(logger, eventData.EventName, eventData.Payload?.Count > 0 ? eventData.Payload[^1]?.ToString()?.Split('\n')[0] : null, failures);
    }

    [LoggerMessage(EventIds.ExportFailed, LogLevel.Warning, "The collector of OpenTelemetry's exporter did not take what was sent: {Event}: {Reason} ({Failures} failures since the last line)")]
    private static partial void LogFailed(ILogger logger, string? @event, string? reason, long failures);
}
