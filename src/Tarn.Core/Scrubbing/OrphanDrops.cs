using System.Threading.Channels;
using Tarn.Core.Blobs;

namespace Tarn.Core.Scrubbing;

/// <summary>
/// Removes blobs that were set aside, by order of an operator. It looks at all rows first, which takes long where there are many, so it goes on while nobody waits for it. One order
/// at a time; one that a restart cuts off has to be given again.
/// </summary>
public sealed class OrphanDrops
{
    private readonly OrphanShelf _shelf;
    private readonly BlobHolders _holders;
    private readonly Channel<OrphanDrop> _orders = Channel.CreateBounded<OrphanDrop>(1);
    private readonly Lock _lock = new();
    private OrphanDrop? _last;
    private long _before;

    internal OrphanDrops(OrphanShelf shelf, BlobHolders holders)
    {
        _shelf = shelf;
        _holders = holders;
    }

    /// <summary>The order that is carried out, or was the last one; null when there was none.</summary>
    public OrphanDrop? Last
    {
        get
        {
            lock (_lock)
            {
                return _last is { State: OrphanDropState.Running } running ? running with { Rows = _holders.RowsRead - _before } : _last;
            }
        }
    }

    /// <summary>Orders the removal of one blob, or of all that no backup needs and, from then on, of what is set aside once its retention is over. What rows refer to is brought back.</summary>
    /// <param name="id">The blob; null: all.</param>
    /// <param name="cancellationToken">Cancels the look for it.</param>
    /// <returns>The order; null when there is no such blob, or a backup needs it.</returns>
    /// <exception cref="InvalidOperationException">Another order is carried out.</exception>
    public async ValueTask<OrphanDrop?> BeginAsync(BlobId? id, CancellationToken cancellationToken)
    {
        if (id is { } one && (_shelf.IsHeld(one) || await _shelf.LengthAsync(one, cancellationToken) is null))
        {
            return null;
        }

        lock (_lock)
        {
            var order = new OrphanDrop(id, OrphanDropState.Running);
            if (_last is { State: OrphanDropState.Running } || !_orders.Writer.TryWrite(order))
            {
                throw new InvalidOperationException("Blobs that were set aside are being removed already.");
            }

            _before = _holders.RowsRead;
            return _last = order;
        }
    }

    /// <summary>Carries out orders until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await foreach (OrphanDrop order in _orders.Reader.ReadAllAsync(cancellationToken))
        {
            await RunOnceAsync(order, cancellationToken);
        }
    }

    /// <summary>Carries out the order that waits, if there is one.</summary>
    internal async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        if (_orders.Reader.TryRead(out OrphanDrop? order))
        {
            await RunOnceAsync(order, cancellationToken);
        }
    }

    private async Task RunOnceAsync(OrphanDrop order, CancellationToken cancellationToken)
    {
        OrphanDrop end = order with { State = OrphanDropState.Failed, Error = "The server was stopped." };
        try
        {
            end = await DropAsync(order, cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            end = order with { State = OrphanDropState.Failed, Error = e.Message };
        }
        finally
        {
            lock (_lock)
            {
                _last = end with { Rows = _holders.RowsRead - _before };
            }
        }
    }

    private async Task<OrphanDrop> DropAsync(OrphanDrop order, CancellationToken cancellationToken)
    {
        Dictionary<BlobId, long> blobs = await _shelf.LookAsync(cancellationToken);
        if (order.Id is { } id)
        {
            blobs = blobs.Where(blob => blob.Key == id).ToDictionary();
        }

        string? failure = null;
        void Failed(string what) => failure ??= what;
        _holders.Failed = Failed;
        OrphansDropped? dropped = await _shelf.RemoveUnlessNeededAsync(blobs, _holders, Failed, cancellationToken);
        if (dropped is null)
        {
            return order with { State = OrphanDropState.Failed, Error = $"Nothing was removed, since it is not known whether objects need it: {failure}" };
        }

        if (failure is not null)
        {
            return order with { State = OrphanDropState.Failed, Dropped = dropped, Error = failure };
        }

        if (order.Id is null)
        {
            _shelf.Release();
        }

        return order with { State = OrphanDropState.Done, Dropped = dropped };
    }
}
