using System.Globalization;
using Tarn.Core.Acceleration;
using Tarn.Core.Cache;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Accelerator.Registration;

/// <summary>
/// Clears from the cache what the upstream asks for, each once, one after another, and apart from heartbeats: a device may take longer than these may be late. What the device fails is tried again at
/// the next heartbeat, and less and less often while it goes on failing. What is done is noted in the cache's directory, for the next process.
/// </summary>
internal sealed partial class CacheClears(BlockCache cache, ILogger<CacheClears> logger)
{
    /// <summary>The most heartbeats between two tries of what fails.</summary>
    private const int MaxPause = 60;

    private readonly Lock _gate = new();

    // What is told, of that what is not done, in its order, and the ids of what is done and still told.
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);
    private readonly List<CacheClear> _waiting = [];
    private readonly HashSet<string> _done = new(cache.ClearsDone, StringComparer.Ordinal);

    // What is done and told no more, the oldest first: another accelerator may hear that a heartbeat later.
    private readonly Queue<string> _past = new();
    private bool _isRunning;

    // How often in a row something failed, and how many heartbeats are let pass for that.
    private int _failures;
    private int _pause;

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

    /// <summary>Whether all these clears are done.</summary>
    /// <param name="ids">Their ids, with commas between; empty: none.</param>
    public bool HasDone(ReadOnlySpan<char> ids)
    {
        if (ids.IsEmpty)
        {
            return true;
        }

        lock (_gate)
        {
            HashSet<string>.AlternateLookup<ReadOnlySpan<char>> done = _done.GetAlternateLookup<ReadOnlySpan<char>>();
            foreach (Range id in ids.Split(','))
            {
                if (!done.Contains(ids[id]) && !_past.Contains(ids[id].ToString()))
                {
                    return false;
                }
            }

            return true;
        }
    }

    /// <summary>Is told of all that is to be cleared.</summary>
    public void Tell(IReadOnlyList<CacheClear> clears)
    {
        lock (_gate)
        {
            _told.Clear();
            _told.UnionWith(clears.Select(static clear => clear.Id));
            foreach (string id in _done.Except(_told).ToArray())
            {
                _done.Remove(id);
                AddPast(id);
            }

            CacheClear[] added = [.. clears.Where(clear => !_done.Contains(clear.Id) && !_waiting.Exists(waiting => waiting.Id == clear.Id))];
            _waiting.AddRange(added);
            _pause = added.Length > 0 ? 0 : _pause;
        }
    }

    /// <summary>Begins with what is waiting, unless that is going on.</summary>
    public void Start(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_isRunning || _waiting.Count == 0)
            {
                return;
            }

            if (_pause-- <= 0)
            {
                _pause = 0;
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
                string[] done = Finish(clear);
                LogCleared(logger, clear.Bucket is { } bucket ? string.Create(CultureInfo.InvariantCulture, $"the bucket of id {bucket}") : "everything");
                await NoteAsync(done, cancellationToken);
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

    /// <returns>What is done now.</returns>
    private string[] Finish(CacheClear clear)
    {
        lock (_gate)
        {
            _waiting.Remove(clear);
            if (_told.Contains(clear.Id))
            {
                _done.Add(clear.Id);
            }
            else
            {
                AddPast(clear.Id);
            }

            return [.. _done];
        }
    }

    private void AddPast(string id)
    {
        _past.Enqueue(id);
        if (_past.Count > RegistrationAnswer.MaxClears)
        {
            _past.Dequeue();
        }
    }

    private async Task NoteAsync(string[] done, CancellationToken cancellationToken)
    {
        try
        {
            await cache.NoteClearsAsync(done, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogNotNoted(logger, e.Message);
        }
    }

    private CacheClear? Next(HashSet<string> failed)
    {
        lock (_gate)
        {
            CacheClear? next = _waiting.Find(clear => !failed.Contains(clear.Id));
            _isRunning = next is not null;
            if (next is null)
            {
                _failures = failed.Count > 0 ? _failures + 1 : 0;
                _pause = _failures < 2 ? 0 : Math.Min(MaxPause, 1 << Math.Min(_failures - 2, 6));
            }

            return next;
        }
    }

    [LoggerMessage(EventIds.CacheCleared, LogLevel.Information, "The cache was cleared of {What}, as the upstream asked")]
    private static partial void LogCleared(ILogger logger, string what);

    [LoggerMessage(EventIds.CacheClearFailed, LogLevel.Error, "The cache could not be cleared; it is tried again: {Reason}")]
    private static partial void LogNotCleared(ILogger logger, string reason);

    [LoggerMessage(EventIds.CacheClearNotNoted, LogLevel.Warning, "The cache was cleared, which could not be noted in its directory: after a restart it is cleared again: {Reason}")]
    private static partial void LogNotNoted(ILogger logger, string reason);
}
