using System.Diagnostics.Metrics;
using Tarn.Core.Cache;
using Tarn.Server.Accelerator.Forwarding;
using Tarn.Server.Accelerator.Upstream;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Accelerator.Reading;

/// <summary>Counts and logs answers whose blocks could not be had: clients get them from the upstream as without an accelerator, so nobody else would notice.</summary>
internal sealed partial class BlockFailures
{
    private static readonly Counter<long> Failures = ServerTelemetry.Meter.CreateCounter<long>(
        "tarn.accelerator.block_failures", unit: "{request}", description: "Requests of clients for which blocks could not be had, by why, and by what became of them.");

    private readonly ILogger<BlockFailures> _logger;
    private readonly LogPace _pace;

    public BlockFailures(TimeProvider time, ILogger<BlockFailures> logger)
    {
        (_logger, _pace) = (logger, new LogPace(time));

        // A series that begins with its first failure has no increase by it.
        foreach ((string reason, string end) in (ReadOnlySpan<(string, string)>)[("unavailable", "forwarded"), ("unavailable", "cut"), ("damaged", "forwarded"), ("damaged", "cut"), ("gone", "forwarded")])
        {
            Failures.Add(0, new("reason", reason), new("end", end));
        }
    }

    /// <param name="failure">Why.</param>
    /// <param name="isForwarded">Whether the upstream answers the request itself; otherwise its answer was cut.</param>
    public void Failed(Exception failure, bool isForwarded)
    {
        // An object that was deleted or overwritten after its plan was made: the upstream knows what is so now.
        bool isGone = isForwarded && failure.InnerException is NodeRefusedException { Status: StatusCodes.Status404NotFound };
        string reason = failure is FrameDamagedException ? "damaged" : isGone ? "gone" : "unavailable", end = isForwarded ? "forwarded" : "cut";
        Failures.Add(1, new("reason", reason), new("end", end));
        if (!isGone && _pace.IsDue(out long times))
        {
            LogFailed(_logger, end, failure.Message, times);
        }
    }

    [LoggerMessage(EventIds.BlocksFailed, LogLevel.Warning, "Blocks could not be had, and an answer was {End}: {Reason} Answers since the last such line: {Answers}")]
    private static partial void LogFailed(ILogger logger, string end, string reason, long answers);
}
