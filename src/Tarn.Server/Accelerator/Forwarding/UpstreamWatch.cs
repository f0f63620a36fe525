using Tarn.Server.Telemetry;

namespace Tarn.Server.Accelerator.Forwarding;

/// <summary>Whether the upstream answers: logs when it begins to fail, and when it has recovered, not every request in between.</summary>
internal sealed partial class UpstreamWatch(TimeProvider time, ILogger<UpstreamWatch> logger)
{
    /// <summary>The time between two lines about a failure that goes on.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private DateTimeOffset _next;
    private long _failures;

    /// <summary>Whether the last request failed.</summary>
    public bool IsFailing { get; private set; }

    public void Succeeded()
    {
        if (!IsFailing)
        {
            return;
        }

        lock (_gate)
        {
            if (IsFailing)
            {
                IsFailing = false;
                LogRecovered(logger, _failures);
                _failures = 0;
            }
        }
    }

    /// <param name="why">Without anything secret.</param>
    public void Failed(string why)
    {
        lock (_gate)
        {
            _failures++;
            DateTimeOffset now = time.GetUtcNow();
            if (!IsFailing || now >= _next)
            {
                _next = now + Pause;
                LogFailed(logger, why);
            }

            IsFailing = true;
        }
    }

    [LoggerMessage(EventIds.UpstreamFailed, LogLevel.Error, "The upstream does not answer, and clients get 503: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);

    [LoggerMessage(EventIds.UpstreamRecovered, LogLevel.Information, "The upstream answers again; {Failures} requests failed")]
    private static partial void LogRecovered(ILogger logger, long failures);
}
