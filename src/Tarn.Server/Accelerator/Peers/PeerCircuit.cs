namespace Tarn.Server.Accelerator.Peers;

/// <summary>
/// Whether one of the other accelerators is asked. One that failed is left alone for a while, for twice as long each time it fails again; then one request tries it, and the others wait for what
/// becomes of that.
/// </summary>
internal sealed class PeerCircuit(TimeProvider time)
{
    /// <summary>How long it is left alone the first time, and at most.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromSeconds(5), Longest = TimeSpan.FromSeconds(80);

    private readonly Lock _gate = new();
    private TimeSpan _rest = TimeSpan.Zero;
    private long _since;
    private bool _isTried;

    /// <summary>Whether it has not failed since it gave what it was asked for.</summary>
    internal bool IsWell
    {
        get
        {
            lock (_gate)
            {
                return _rest == TimeSpan.Zero;
            }
        }
    }

    /// <summary>Whether it may be asked now.</summary>
    public bool TryEnter()
    {
        lock (_gate)
        {
            if (_rest == TimeSpan.Zero)
            {
                return true;
            }

            if (time.GetElapsedTime(_since) < _rest)
            {
                return false;
            }

            (_since, _isTried) = (time.GetTimestamp(), true);
            return true;
        }
    }

    /// <summary>It gave what it was asked for.</summary>
    public void Succeeded()
    {
        lock (_gate)
        {
            (_rest, _isTried) = (TimeSpan.Zero, false);
        }
    }

    /// <summary>It did not answer, broke off, stalled, or gave wrong bytes. Requests that were on their way when it failed count as one failure.</summary>
    public void Failed()
    {
        lock (_gate)
        {
            if (_rest != TimeSpan.Zero && !_isTried && time.GetElapsedTime(_since) < _rest)
            {
                return;
            }

            TimeSpan twice = _rest * 2;
            _rest = twice < Shortest ? Shortest : twice > Longest ? Longest : twice;
            (_since, _isTried) = (time.GetTimestamp(), false);
        }
    }
}
