using System.Diagnostics.CodeAnalysis;

namespace Tarn.S3.Access;

/// <summary>The latest denials, in memory; when it is full the oldest is dropped.</summary>
public sealed class DenialLog
{
    /// <summary>Denials kept by default.</summary>
    public const int DefaultCapacity = 1000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Denial> _byRequest;
    private readonly Queue<string> _order;
    private readonly int _capacity;

    /// <param name="capacity">How many denials are kept.</param>
    public DenialLog(int capacity = DefaultCapacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _capacity = capacity;
        _byRequest = new Dictionary<string, Denial>(capacity, StringComparer.Ordinal);
        _order = new Queue<string>(capacity);
    }

    /// <summary>Adds a denial. Of several denials of one request (each key of DeleteObjects may be denied) the first is kept.</summary>
    public void Add(Denial denial)
    {
        ArgumentNullException.ThrowIfNull(denial);
        lock (_gate)
        {
            if (!_byRequest.TryAdd(denial.RequestId, denial))
            {
                return;
            }

            _order.Enqueue(denial.RequestId);
            if (_order.Count > _capacity)
            {
                _byRequest.Remove(_order.Dequeue());
            }
        }
    }

    /// <summary>Finds why the request with this id was denied; false when it was not denied or the denial is no longer kept.</summary>
    public bool TryFind(string requestId, [NotNullWhen(true)] out Denial? denial)
    {
        lock (_gate)
        {
            return _byRequest.TryGetValue(requestId, out denial);
        }
    }

    /// <summary>The kept denials, newest first.</summary>
    public IReadOnlyList<Denial> List()
    {
        lock (_gate)
        {
            return [.. _order.Reverse().Select(id => _byRequest[id])];
        }
    }
}
