using System.Diagnostics.Metrics;
using Tarn.Core.Errors;
using Tarn.S3.Telemetry;

namespace Tarn.S3.Documents;

/// <summary>
/// Limits the memory that the documents of all requests in flight take together. A request that finds none left waits briefly and then gets
/// SlowDown: many large documents at once cost time, but cannot exhaust the server's memory.
/// </summary>
/// <param name="clock">The clock for the wait.</param>
/// <param name="capacity">Bytes of documents; 16 MiB by default. A document takes up to eight times its size in memory while it is processed.</param>
internal sealed class DocumentBudget(TimeProvider clock, int capacity = DocumentBudget.DefaultCapacity)
{
    public const int DefaultCapacity = 16 * 1024 * 1024;

    /// <summary>Bytes. Documents larger than this leave a quarter of the budget to smaller ones, which nearly all are.</summary>
    private const int Small = 64 * 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly UpDownCounter<long> InFlight = S3Telemetry.Meter.CreateUpDownCounter<long>(
        "tarn.documents.bytes", unit: "By", description: "Bytes of the XML and JSON documents of requests in progress.");

    private static readonly Counter<long> Refused = S3Telemetry.Meter.CreateCounter<long>(
        "tarn.documents.refused", unit: "{request}", description: "Requests refused with SlowDown because too many documents were in flight.");

    private readonly Lock _lock = new();
    private readonly LinkedList<Waiting> _waiting = new();
    private int _used;

    /// <summary>Bytes taken.</summary>
    public int Used
    {
        get
        {
            lock (_lock)
            {
                return _used;
            }
        }
    }

    /// <summary>Requests that wait for a share.</summary>
    internal int Waiters
    {
        get
        {
            lock (_lock)
            {
                return _waiting.Count;
            }
        }
    }

    /// <summary>Opens an empty share of the budget. Dispose it at the end of the request.</summary>
    public Share Open() => new(this);

    private async ValueTask TakeAsync(int bytes, int held, CancellationToken cancellationToken)
    {
        LinkedListNode<Waiting> place;
        lock (_lock)
        {
            if (Fits(bytes, held) && !IsPassedBy(held + bytes))
            {
                Add(bytes);
                return;
            }

            place = _waiting.AddLast(new Waiting(bytes, held, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)));
        }

        try
        {
            await place.Value.Granted.Task.WaitAsync(Patience, clock, cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            lock (_lock)
            {
                // It may have been granted just now, and then it no longer waits in the queue.
                if (place.List is null)
                {
                    if (e is TimeoutException)
                    {
                        return;
                    }

                    Add(-bytes);
                }
                else
                {
                    _waiting.Remove(place);
                }

                Grant();
            }

            if (e is OperationCanceledException)
            {
                throw;
            }

            Refused.Add(1);
            throw new S3Exception(S3Error.SlowDown) { Headers = [new("Retry-After", "1")] };
        }
    }

    private void Return(int bytes)
    {
        lock (_lock)
        {
            Add(-bytes);
            Grant();
        }
    }

    private void Add(int bytes)
    {
        _used += bytes;
        InFlight.Add(bytes);
    }

    private bool Fits(int bytes, int held) => _used + bytes <= (held + bytes <= Small ? capacity : capacity / 4 * 3);

    /// <summary>Whether a request of the same size already waits, and so comes first.</summary>
    private bool IsPassedBy(int size) => _waiting.Any(other => other.IsSmall == (size <= Small));

    /// <summary>Grants the longest waits first; small documents that fit may overtake large ones that do not.</summary>
    private void Grant()
    {
        bool large = true;
        bool small = true;
        for (LinkedListNode<Waiting>? node = _waiting.First, next; node is not null && (large || small); node = next)
        {
            next = node.Next;
            Waiting waiting = node.Value;
            if (!(waiting.IsSmall ? small : large))
            {
                continue;
            }

            if (Fits(waiting.Bytes, waiting.Held))
            {
                _waiting.Remove(node);
                Add(waiting.Bytes);
                waiting.Granted.SetResult();
            }
            else if (waiting.IsSmall)
            {
                small = false;
            }
            else
            {
                large = false;
            }
        }
    }

    /// <param name="Bytes">The bytes wanted.</param>
    /// <param name="Held">The bytes already held.</param>
    private sealed record Waiting(int Bytes, int Held, TaskCompletionSource Granted)
    {
        public bool IsSmall => Held + Bytes <= Small;
    }

    /// <summary>The bytes that one request holds.</summary>
    public sealed class Share(DocumentBudget budget) : IDisposable
    {
        private int _held;

        /// <exception cref="S3Exception">SlowDown.</exception>
        public async ValueTask TakeAsync(int bytes, CancellationToken cancellationToken)
        {
            await budget.TakeAsync(bytes, _held, cancellationToken);
            _held += bytes;
        }

        public void Dispose()
        {
            int held = Interlocked.Exchange(ref _held, 0);
            if (held > 0)
            {
                budget.Return(held);
            }
        }
    }
}
