using System.Globalization;
using Tarn.Core.Acceleration;
using Tarn.Core.Cache;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Accelerator.Registration;

/// <summary>
/// Clears from the cache what the upstream asks for, each once, one after another, and apart from heartbeats: a device may take longer than these may be late. What the device fails is tried again at
/// the next heartbeat.
/// </summary>
internal sealed partial class CacheClears(BlockCache cache, ILogger<CacheClears> logger)
{
    private readonly Lock _gate = new();

    // What is told and not done, in its order, and the ids of what is done and still told.
    private readonly List<CacheClear> _waiting = [];
    private readonly HashSet<string> _done = new(StringComparer.Ordinal);
    private bool _isRunning;

    /// <summary>Completes when what is waiting now is done, or has failed.</summary>
    public Task Running { get; private set; } = Task.CompletedTask;

    /// <summary>The ids of what is done and still told.</summary>
    public string[] Done
    {
        get
        {
            lock (_gate)
            {
                return [.. _done];
            }
        }
    }

    /// <summary>Is told of all that is to be cleared.</summary>
    public void Tell(IReadOnlyList<CacheClear> clears)
    {
        lock (_gate)
        {
            _done.IntersectWith(clears.Select(static clear => clear.Id));
            _waiting.AddRange(clears.Where(clear => !_done.Contains(clear.Id) && !_waiting.Exists(waiting => waiting.Id == clear.Id)));
        }
    }

    /// <summary>Begins with what is waiting, unless that is going on.</summary>
    public void Start(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (!_isRunning && _waiting.Count > 0)
            {
                _isRunning = true;
                Running = Task.Run(() => RunAsync(cancellationToken), CancellationToken.None);
            }
        }
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        var failed = new HashSet<string>(StringComparer.Ordinal);
        while (Next(failed) is { } clear)
        {
            try
            {
                await cache.ClearAsync(clear.Bucket, cancellationToken);
                lock (_gate)
                {
                    _waiting.Remove(clear);
                    _done.Add(clear.Id);
                }

                LogCleared(logger, clear.Bucket is { } bucket ? string.Create(CultureInfo.InvariantCulture, $"the bucket of id {bucket}") : "everything");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                failed.Add(clear.Id);
                LogNotCleared(logger, e.Message);
            }
            catch (OperationCanceledException)
            {
                // The accelerator stops. The upstream tells the next process.
                return;
            }
        }
    }

    private CacheClear? Next(HashSet<string> failed)
    {
        lock (_gate)
        {
            CacheClear? next = _waiting.Find(clear => !failed.Contains(clear.Id));
            _isRunning = next is not null;
            return next;
        }
    }

    [LoggerMessage(EventIds.CacheCleared, LogLevel.Information, "The cache was cleared of {What}, as the upstream asked")]
    private static partial void LogCleared(ILogger logger, string what);

    [LoggerMessage(EventIds.CacheClearFailed, LogLevel.Error, "The cache could not be cleared; it is tried again: {Reason}")]
    private static partial void LogNotCleared(ILogger logger, string reason);
}
