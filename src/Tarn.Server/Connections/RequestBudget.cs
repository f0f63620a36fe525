using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Http.Features;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Connections;

/// <summary>
/// Limits the requests in flight, by their number and by the memory that their bodies pin. A request that does not fit waits a little for
/// others to end, and is then refused.
/// </summary>
internal sealed class RequestBudget : IDisposable
{
    /// <summary>How long a request waits before it is refused.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>The maximum number of waiting requests; more are refused at once, since waiting costs memory too.</summary>
    public const int MaxWaiting = 1024;

    /// <summary>The cost of any request, in bytes: a block for each direction of its connection, and its own objects.</summary>
    private const int Base = 128 * 1024;

    /// <summary>The memory that a large body pins, in bytes: two blocks on their way to the disk, and what the connection has received beyond them.</summary>
    private const int LargeBody = 1536 * 1024;

    private static readonly Counter<long> Refused = ServerTelemetry.Meter.CreateCounter<long>(
        "tarn.requests.refused_busy", unit: "{request}", description: "Requests refused with SlowDown because too many others were in flight.");

    private readonly int _maxRequests;
    private readonly long _maxBytes;
    private readonly TimeProvider _time;
    private readonly Meter _meter = ServerTelemetry.CreateMeter();
    private readonly LinkedList<TaskCompletionSource> _waiting = [];
    private readonly KeyValuePair<string, object?> _tag;
    private int _waiters;
    private int _requests;
    private long _bytes;

    /// <param name="listener">The listener's name in metrics.</param>
    /// <param name="maxRequests">The maximum number of requests in flight.</param>
    /// <param name="maxBytes">The maximum total cost of the requests in flight, in bytes.</param>
    /// <param name="time">The clock.</param>
    public RequestBudget(string listener, int maxRequests, long maxBytes, TimeProvider time)
    {
        _tag = new("listener", listener);
        _maxRequests = maxRequests;
        _maxBytes = maxBytes;
        _time = time;
        _meter.CreateObservableUpDownCounter(
            "tarn.requests.in_flight", () => new Measurement<int>(Volatile.Read(ref _requests), _tag), unit: "{request}", description: "Requests in flight.");
        _meter.CreateObservableUpDownCounter(
            "tarn.requests.memory", () => new Measurement<long>(Volatile.Read(ref _bytes), _tag), "By", "Estimated memory of the requests in flight.");
        _meter.CreateObservableUpDownCounter(
            "tarn.requests.memory_limit", () => new Measurement<long>(_maxBytes, _tag), "By", "Memory budget of the requests in flight.");
    }

    /// <summary>Requests in flight.</summary>
    public int InFlight => Volatile.Read(ref _requests);

    /// <summary>A quarter of the memory available to this process (within a container's limit), from 64 MiB to 4 GiB.</summary>
    public static long DefaultBytes() => Math.Clamp(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4, 64L << 20, 4L << 30);

    /// <summary>The cost of a request, in bytes. A body of unknown length counts as a large one.</summary>
    public long CostOf(HttpContext http)
    {
        long body = http.Request.ContentLength ?? (http.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true } ? LargeBody : 0);

        // One request at a time fits into any budget.
        return Math.Min(Base + Math.Min(body, LargeBody), _maxBytes);
    }

    /// <summary>Reserves room for a request if there is any.</summary>
    public bool TryEnter(long cost)
    {
        if (Interlocked.Increment(ref _requests) <= _maxRequests)
        {
            if (Interlocked.Add(ref _bytes, cost) <= _maxBytes)
            {
                return true;
            }

            Interlocked.Add(ref _bytes, -cost);
        }

        Interlocked.Decrement(ref _requests);
        return false;
    }

    /// <summary>Waits for room; false if there was none in time.</summary>
    public async ValueTask<bool> WaitAsync(long cost, CancellationToken cancellationToken)
    {
        bool entered = false;
        if (Interlocked.Increment(ref _waiters) <= MaxWaiting)
        {
            long started = _time.GetTimestamp();
            try
            {
                while (!entered && Patience - _time.GetElapsedTime(started) is { Ticks: > 0 } left)
                {
                    entered = await TryNextAsync(cost, left, cancellationToken);
                }
            }
            finally
            {
                Interlocked.Decrement(ref _waiters);
            }
        }
        else
        {
            Interlocked.Decrement(ref _waiters);
        }

        if (entered)
        {
            // A large request that ended may have made room for several small ones.
            WakeOne();
        }
        else
        {
            Refused.Add(1, _tag);
        }

        return entered;
    }

    /// <summary>Releases the room of a request.</summary>
    public void Leave(long cost)
    {
        Interlocked.Add(ref _bytes, -cost);
        Interlocked.Decrement(ref _requests);
        if (Volatile.Read(ref _waiters) > 0)
        {
            WakeOne();
        }
    }

    public void Dispose() => _meter.Dispose();

    /// <summary>Tries to enter, or else waits until a request leaves; true once entered.</summary>
    private async ValueTask<bool> TryNextAsync(long cost, TimeSpan limit, CancellationToken cancellationToken)
    {
        var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        LinkedListNode<TaskCompletionSource> node;
        bool gaveUp = true;
        lock (_waiting)
        {
            node = _waiting.AddLast(turn);
        }

        try
        {
            // Tried again once queued, so that a request leaving now either makes room for this one or wakes it.
            if (TryEnter(cost))
            {
                gaveUp = false;
                return true;
            }

            await turn.Task.WaitAsync(limit, _time, cancellationToken);
            gaveUp = false;
            return TryEnter(cost);
        }
        catch (TimeoutException)
        {
            return false;
        }
        finally
        {
            bool wasCalled;
            lock (_waiting)
            {
                wasCalled = node.List is null;
                if (!wasCalled)
                {
                    _waiting.Remove(node);
                }
            }

            if (wasCalled && gaveUp)
            {
                // Woken just as the wait timed out: pass the room on to another request.
                WakeOne();
            }
        }
    }

    private void WakeOne()
    {
        TaskCompletionSource? turn = null;
        lock (_waiting)
        {
            if (_waiting.First is { } first)
            {
                turn = first.Value;
                _waiting.RemoveFirst();
            }
        }

        turn?.TrySetResult();
    }
}
