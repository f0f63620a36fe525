using System.Threading.Channels;
using Tarn.Core.Acceleration;
using Tarn.Core.Cache;
using Tarn.Server.Accelerator.Peers;
using Tarn.Server.Accelerator.Upstream;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Accelerator.Reading;

/// <summary>An object that is to be brought into the cache.</summary>
/// <param name="Name">Tells it, and its version, from others.</param>
/// <param name="Continuation">What the upstream plans its bytes from.</param>
internal sealed record StagedObject(string Name, string Continuation);

/// <summary>Brings whole objects into the cache in the background, behind everything that somebody waits for.</summary>
internal sealed partial class Prestaging(PlanReader plans, BlockCache cache, TimeProvider time, ILogger<Prestaging> logger) : BackgroundService
{
    /// <summary>The maximum number of objects that wait.</summary>
    public const int MaxWaiting = 1024;

    /// <summary>How long to wait while there is no room for another fetch.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly Channel<StagedObject> _queue = Channel.CreateUnbounded<StagedObject>(new UnboundedChannelOptions { SingleReader = true });
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    /// <summary>Objects that wait or are being staged.</summary>
    public int Count
    {
        get
        {
            lock (_known)
            {
                return _known.Count;
            }
        }
    }

    /// <summary>Queues an object, unless it is queued already; false if there is no room.</summary>
    public bool TryAdd(StagedObject staged)
    {
        lock (_known)
        {
            if (_known.Contains(staged.Name))
            {
                return true;
            }

            if (_known.Count >= MaxWaiting)
            {
                return false;
            }

            _known.Add(staged.Name);
        }

        return _queue.Writer.TryWrite(staged);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (StagedObject staged in _queue.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                await StageAsync(staged, stoppingToken);
            }
            catch (UpstreamException e)
            {
                LogFailed(logger, e.Message);
            }

            lock (_known)
            {
                _known.Remove(staged.Name);
            }
        }
    }

    private async Task StageAsync(StagedObject staged, CancellationToken cancellationToken)
    {
        string? next = staged.Continuation;
        while (next is not null)
        {
            ReadPlan plan = await plans.ContinueAsync(next, cancellationToken);
            (CapabilityLease lease, ZoneBlocks[] sources) = plans.Open(plan);
            await using (lease)
            {
                foreach ((FrameKey key, int extent, _, _) in PlannedFrames.Of(plan))
                {
                    while (cache.Prefetch(key, plan.Bucket, sources[extent]) == PrefetchResult.NoRoom)
                    {
                        await Task.Delay(Pause, time, cancellationToken);
                    }
                }
            }

            next = plan.Next;
        }
    }

    [LoggerMessage(EventIds.PrestageFailed, LogLevel.Warning, "An object was not staged: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);
}
