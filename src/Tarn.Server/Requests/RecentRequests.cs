using Tarn.S3.Telemetry;

namespace Tarn.Server.Requests;

/// <summary>
/// The requests that ended last, in memory: every one of them, until so many others have ended. To keep one costs an increment and a write, whatever the number of threads.
/// </summary>
/// <param name="capacity">How many are kept; 0 keeps none.</param>
internal sealed class RecentRequests(int capacity) : IFinishedRequestSink
{
    private readonly Entry?[] _ring = new Entry?[capacity];
    private long _next;

    /// <summary>How many requests are kept.</summary>
    public int Capacity => _ring.Length;

    public void Add(FinishedRequest request)
    {
        if (_ring.Length > 0)
        {
            long number = Interlocked.Increment(ref _next) - 1;

            // What was said in HTTP is for access logs: it would be most of the memory, and clients choose how much.
            Volatile.Write(ref _ring[number % _ring.Length], new Entry(number, request.Http is null ? request : request with { Http = null }));
        }
    }

    public bool ReadsHttp(FinishedRequest request) => false;

    /// <summary>The requests that are kept, from the newest on. Those that end meanwhile are not among them, and may take the place of the oldest.</summary>
    public IEnumerable<FinishedRequest> NewestFirst()
    {
        long end = Volatile.Read(ref _next);
        for (long number = end - 1; number >= Math.Max(0, end - _ring.Length); number--)
        {
            // Another number: its thread has not written it yet, or a later one has taken its place.
            if (Volatile.Read(ref _ring[number % _ring.Length]) is { } entry && entry.Number == number)
            {
                yield return entry.Request;
            }
        }
    }

    private sealed record Entry(long Number, FinishedRequest Request);
}
