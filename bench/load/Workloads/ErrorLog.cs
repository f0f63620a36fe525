namespace Tarn.Load.Workloads;

/// <summary>Keeps the first distinct failures, and reports when there are too many to continue.</summary>
internal sealed class ErrorLog
{
    private const int Shown = 5;
    private const int Bearable = 1000;
    private readonly Lock _lock = new();
    private readonly List<string> _first = [];
    private int _count;

    public int Count => Volatile.Read(ref _count);

    public bool TooMany => Count >= Bearable;

    public IReadOnlyList<string> First
    {
        get
        {
            lock (_lock)
            {
                return [.. _first];
            }
        }
    }

    public void Add(string message)
    {
        Interlocked.Increment(ref _count);
        lock (_lock)
        {
            if (_first.Count < Shown && !_first.Contains(message))
            {
                _first.Add(message);
            }
        }
    }
}
