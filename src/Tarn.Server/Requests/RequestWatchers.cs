using System.Collections.Immutable;
using System.Threading.Channels;
using Tarn.Core.Identity;
using Tarn.S3.Telemetry;

namespace Tarn.Server.Requests;

/// <summary>Those who watch requests live. Each has a bounded queue: one that does not keep up loses requests and is told how many, and no request waits for it.</summary>
internal sealed class RequestWatchers : IFinishedRequestSink
{
    /// <summary>The maximum number of watchers.</summary>
    public const int MaxWatchers = 16;

    /// <summary>Of these, so many are left for the server's own organization.</summary>
    public const int Reserved = 1;

    /// <summary>The maximum number of watchers of one organization.</summary>
    public const int MaxOfOne = 4;

    private readonly Lock _gate = new();
    private ImmutableArray<RequestWatcher> _watchers = [];

    public void Add(FinishedRequest request)
    {
        foreach (RequestWatcher watcher in _watchers)
        {
            watcher.Offer(request);
        }
    }

    public bool ReadsHttp(FinishedRequest request) => !_watchers.IsEmpty;

    /// <summary>Adds a watcher, until it is disposed; null when there are as many as may be.</summary>
    /// <param name="organization">The organization of who watches.</param>
    /// <param name="filter">The requests.</param>
    public RequestWatcher? TryWatch(string organization, RequestFilter filter)
    {
        lock (_gate)
        {
            int room = organization == Organizations.Root ? MaxWatchers : MaxWatchers - Reserved;
            if (_watchers.Length >= room || _watchers.Count(watcher => watcher.Organization == organization) >= MaxOfOne)
            {
                return null;
            }

            var watcher = new RequestWatcher(organization, filter, Remove);
            _watchers = _watchers.Add(watcher);
            return watcher;
        }
    }

    private void Remove(RequestWatcher watcher)
    {
        lock (_gate)
        {
            _watchers = _watchers.Remove(watcher);
        }
    }
}

/// <summary>One who watches requests.</summary>
internal sealed class RequestWatcher(string organization, RequestFilter filter, Action<RequestWatcher> remove) : IDisposable
{
    /// <summary>The number of requests that wait for a watcher, at most.</summary>
    public const int Capacity = 1000;

    private readonly Channel<FinishedRequest> _waiting = Channel.CreateBounded<FinishedRequest>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private long _lost;

    public string Organization => organization;

    /// <summary>What is watched.</summary>
    public RequestFilter Filter => filter;

    /// <summary>The requests.</summary>
    public ChannelReader<FinishedRequest> Requests => _waiting.Reader;

    /// <summary>Takes the number of requests lost since the last call.</summary>
    public long TakeLost() => Interlocked.Exchange(ref _lost, 0);

    /// <summary>Queues a request that the filter selects, or counts it as lost. Never blocks.</summary>
    public void Offer(FinishedRequest request)
    {
        if (filter.Selects(request) && !_waiting.Writer.TryWrite(request))
        {
            Interlocked.Increment(ref _lost);
        }
    }

    public void Dispose() => remove(this);
}
