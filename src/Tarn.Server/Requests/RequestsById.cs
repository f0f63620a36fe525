using System.Diagnostics.CodeAnalysis;
using Tarn.S3.Telemetry;

namespace Tarn.Server.Requests;

/// <summary>The latest requests of this process by their ids, in memory; when it is full the oldest is dropped.</summary>
/// <param name="capacity">How many requests are kept.</param>
internal sealed class RequestsById(int capacity = RequestsById.DefaultCapacity) : IFinishedRequestSink
{
    /// <summary>Requests kept by default; one takes about 1 KiB, and at most 16 KiB if its client makes every text as long as it can be.</summary>
    public const int DefaultCapacity = 2048;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, FinishedRequest> _byId = new(capacity, StringComparer.Ordinal);
    private readonly string?[] _order = new string?[capacity];
    private int _next;

    public void Add(FinishedRequest request)
    {
        // Uses of share links have no id.
        if (request.RequestId is not { } id)
        {
            return;
        }

        lock (_gate)
        {
            if (_order[_next] is { } oldest)
            {
                _byId.Remove(oldest);
            }

            _byId[id] = request;
            _order[_next] = id;
            _next = (_next + 1) % _order.Length;
        }
    }

    /// <summary>Finds a request; false when there is none among the latest.</summary>
    public bool TryFind(string id, [NotNullWhen(true)] out FinishedRequest? request)
    {
        lock (_gate)
        {
            return _byId.TryGetValue(id, out request);
        }
    }
}
