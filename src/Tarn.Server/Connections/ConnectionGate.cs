using System.Diagnostics.Metrics;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Connections;

/// <summary>
/// Limits the connections of one listener. At the limit nothing is accepted: new connections wait in the kernel's queue, where they
/// cost no descriptor. Near the limit the connections that have been idle longest are closed.
/// </summary>
internal sealed class ConnectionGate : IDisposable
{
    /// <summary>How long a new connection is not considered idle, so that it can complete the handshake and send its first headers.</summary>
    public static readonly TimeSpan OpeningTime = TimeSpan.FromSeconds(1);

    /// <summary>How long a connection that was asked to close may take to do so.</summary>
    public static readonly TimeSpan ClosingTime = TimeSpan.FromSeconds(10);

    /// <summary>How often to look for idle connections while there is no room.</summary>
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

    /// <param name="listener">The listener's name in metrics.</param>
    /// <param name="limit">The maximum number of connections.</param>
    /// <param name="time">The clock.</param>
    public ConnectionGate(string listener, int limit, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        Limit = limit;
        _time = time;
        _tag = new("listener", listener);
        _meter.CreateObservableUpDownCounter(
            "tarn.connections.open", () => new Measurement<int>(Open, _tag), unit: "{connection}", description: "Open connections.");
        _meter.CreateObservableUpDownCounter(
            "tarn.connections.limit", () => new Measurement<int>(Limit, _tag), unit: "{connection}", description: "Maximum number of connections.");
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

    /// <summary>The number of connections from which idle ones are closed before room is needed.</summary>
    private int HighWater => Limit - (Limit / 8);

    /// <summary>How many connections to close at a time: several, to make the search through all of them worthwhile.</summary>
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
                // A connection may have become idle meanwhile.
            }
        }
    }

    /// <summary>Adds a connection.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="isPressing">Whether the process is short of descriptors: the next connection then waits a little, and idle ones are closed now.</param>
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

    /// <summary>Closes idle connections because the server stops: those without a request now, and shortly after those that have not sent one by then.</summary>
    public void StartDraining() => _drain = _time.CreateTimer(_ => CloseIdle(int.MaxValue), null, TimeSpan.Zero, Interval);

    public void Dispose()
    {
        _drain?.Dispose();
        _meter.Dispose();
    }

    /// <summary>Closes some idle connections, those that have been idle longest first.</summary>
    private void CloseIdle(int wanted)
    {
        // With the times of one moment: they change while this goes on, and what is sorted by may not.
        List<(long Since, TrackedConnection Connection)> idle = [];
        lock (_lock)
        {
            _lastSearch = _time.GetTimestamp();
            foreach (TrackedConnection connection in _open)
            {
                if (connection.IsIdle)
                {
                    idle.Add((connection.IdleSince, connection));
                }
            }
        }

        idle.Sort(static (a, b) => a.Since.CompareTo(b.Since));
        foreach ((_, TrackedConnection connection) in idle)
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
