using System.Diagnostics.CodeAnalysis;

namespace Tarn.S3.Access;

/// <summary>The latest denials, in memory: the oldest gives way to the newest.</summary>
public sealed class DenialLog
{
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

    /// <summary>Keeps a denial. Of several of one request (each key of DeleteObjects may be denied) the first stays.</summary>
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

    /// <summary>Why the request with this id was denied; false when it was not, or too long ago.</summary>
    public bool TryFind(string requestId, [NotNullWhen(true)] out Denial? denial)
    {
        lock (_gate)
        {
            return _byRequest.TryGetValue(requestId, out denial);
        }
    }

    /// <summary>The denials that are kept, newest first.</summary>
    public IReadOnlyList<Denial> List()
    {
        lock (_gate)
        {
            return [.. _order.Reverse().Select(id => _byRequest[id])];
        }
    }
}
