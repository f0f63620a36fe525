using System.Diagnostics.Metrics;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Connections;

/// <summary>
/// Bounds the connections of one listener. Nothing is accepted while there are as many as may be: whoever comes then waits in the
/// kernel's queue, at the cost of no descriptor. Near the bound those that have been idle longest are closed.
/// </summary>
internal sealed class ConnectionGate : IDisposable
{
    /// <summary>How long a new connection is left alone, to shake hands and to send its first headers.</summary>
    public static readonly TimeSpan OpeningTime = TimeSpan.FromSeconds(1);

    /// <summary>How long a connection that was asked to end may take over it.</summary>
    public static readonly TimeSpan ClosingTime = TimeSpan.FromSeconds(10);

    /// <summary>How often idle connections are looked for while there is no room.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private static readonly Counter<long> Closed = ServerTelemetry.Meter.CreateCounter<long>(
        "tarn.connections.closed_idle", unit: "{connection}", description: "Idle connections closed to make room for others.");

    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly HashSet<TrackedConnection> _open = [];
    private readonly Meter _meter = ServerTelemetry.CreateMeter();
    private readonly KeyValuePair<string, object?> _tag;
    private TaskCompletionSource? _room;
    private ITimer? _drain;
    private bool _pressed;
    private long _lastSearch;

    /// <param name="listener">Its name in metrics.</param>
    /// <param name="limit">The most connections there may be.</param>
    /// <param name="time">The clock.</param>
    public ConnectionGate(string listener, int limit, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        Limit = limit;
        _time = time;
        _tag = new("listener", listener);
        _meter.CreateObservableUpDownCounter(
            "tarn.connections.open", () => new Measurement<int>(Open, _tag), unit: "{connection}", description: "Connections that are open.");
        _meter.CreateObservableUpDownCounter(
            "tarn.connections.limit", () => new Measurement<int>(Limit, _tag), unit: "{connection}", description: "Connections there may be.");
    }

    public int Limit { get; }

    public int Open
    {
        get
        {
            lock (_lock)
            {
                return _open.Count;
            }
        }
    }

    /// <summary>From this many on, idle ones make room before it is needed.</summary>
    private int HighWater => Limit - (Limit / 8);

    /// <summary>Several, so that the search, which looks at all of them, is worth it.</summary>
    private int AtATime => Math.Max(1, Limit / 16);

    /// <summary>Returns once another connection may be accepted.</summary>
    public async ValueTask WaitForRoomAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task room;
            lock (_lock)
            {
                if (_open.Count < Limit && !_pressed)
                {
                    return;
                }

                _pressed = false;
                _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                room = _room.Task;
            }

            CloseIdle(AtATime);
            try
            {
                await room.WaitAsync(Interval, _time, cancellationToken);
            }
            catch (TimeoutException)
            {
                // Somebody may have become idle meanwhile.
            }
        }
    }

    /// <summary>Takes a connection in.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="isPressing">Few descriptors are left, whoever has them: the next one waits a little, and idle ones go now.</param>
    public void Enter(TrackedConnection connection, bool isPressing)
    {
        bool isNear;
        lock (_lock)
        {
            _open.Add(connection);
            _pressed = isPressing;
            isNear = isPressing || (_open.Count > HighWater && _time.GetElapsedTime(_lastSearch) > Interval);
        }

        if (isNear)
        {
            CloseIdle(AtATime);
        }
    }

    public void Leave(TrackedConnection connection)
    {
        TaskCompletionSource? room;
        lock (_lock)
        {
            _open.Remove(connection);
            (room, _room) = (_room, null);
        }

        room?.TrySetResult();
    }

    /// <summary>The server stops: whoever has no request being served goes now, and shortly after whoever takes that long to send one.</summary>
    public void StartDraining() => _drain = _time.CreateTimer(_ => CloseIdle(int.MaxValue), null, TimeSpan.Zero, Interval);

    public void Dispose()
    {
        _drain?.Dispose();
        _meter.Dispose();
    }

    /// <summary>Closes some of the idle ones, those first that have been idle longest.</summary>
    private void CloseIdle(int wanted)
    {
        List<TrackedConnection> idle = [];
        lock (_lock)
        {
            _lastSearch = _time.GetTimestamp();
            foreach (TrackedConnection connection in _open)
            {
                if (connection.IsIdle)
                {
                    idle.Add(connection);
                }
            }
        }

        idle.Sort(static (a, b) => a.IdleSince.CompareTo(b.IdleSince));
        foreach (TrackedConnection connection in idle)
        {
            if (connection.TryClose())
            {
                Closed.Add(1, _tag);
                if (--wanted == 0)
                {
                    return;
                }
            }
        }
    }
}
