using Tarn.Server.Accelerator.Upstream;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Accelerator.Forwarding;

/// <summary>
/// Whether the upstream answers: logs when it begins to fail, from time to time while it does, and when it has recovered; not each request in between, and no more often if it goes to and fro.
/// What clients do is none of its failures.
/// </summary>
internal sealed partial class UpstreamWatch(TimeProvider time, ILogger<UpstreamWatch> logger)
{
    private readonly Lock _gate = new();
    private readonly LogPace _failing = new(time), _refusing = new(time);
    private long _failures;
    private bool _isLogged;

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
            IsFailing = false;
            if (_isLogged)
            {
                LogRecovered(logger, _failures);
                (_failures, _isLogged) = (0, false);
            }
        }
    }

    /// <summary>Is told why a request of a client got no answer, or not all of it.</summary>
    public void Failed(Exception failure)
    {
        switch (failure)
        {
            case EnvelopeRefusedException or NodeRefusedException { Status: StatusCodes.Status401Unauthorized }:
                if (_refusing.IsDue(out long times))
                {
                    LogRefused(logger, failure.Message, times);
                }

                break;
            case NodeRefusedException { Status: < StatusCodes.Status500InternalServerError }:
                // It answers, and this is its answer: a continuation has expired, or what it continues is gone.
                break;
            case OperationCanceledException:
                Failed("The upstream takes too long.");
                break;
            case UpstreamException:
                Failed(failure.Message);
                break;
        }
    }

    private void Failed(string why)
    {
        lock (_gate)
        {
            _failures++;
            IsFailing = true;
            if (_failing.IsDue(out _))
            {
                _isLogged = true;
                LogFailed(logger, why);
            }
        }
    }

    [LoggerMessage(EventIds.UpstreamFailed, LogLevel.Error, "The upstream does not answer, and clients get 503: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);

    [LoggerMessage(EventIds.UpstreamRecovered, LogLevel.Information, "The upstream answers again; {Failures} requests failed")]
    private static partial void LogRecovered(ILogger logger, long failures);

    [LoggerMessage(EventIds.UpstreamRefused, LogLevel.Error, "The upstream refuses this accelerator, and clients get 503: {Reason} Requests since the last such line: {Requests}")]
    private static partial void LogRefused(ILogger logger, string reason, long requests);
}
