using System.Collections.Concurrent;
using Tarn.Core.Blobs;
using Tarn.Core.Errors;
using Tarn.Core.KeyValue;
using Tarn.Core.Records;

namespace Tarn.Core.Objects.Ownership;

/// <summary>
/// Durably announces blobs before they are written, so that a crash before their metadata commits leaves no orphan. The commit that adopts a blob announces
/// another one in passing, for an upload to come: so an upload seldom waits for a commit of its own, and as many are kept as there were uploads at once.
/// </summary>
internal sealed class BlobAnnouncements(IKeyValueStore store, TimeProvider clock, IRandomSource random)
{
    /// <summary>The longest an upload may take: after it, what the upload wrote may be reclaimed, and its commit fails.</summary>
    public static readonly TimeSpan UploadLease = TimeSpan.FromDays(7);

    /// <summary>How old an announcement may be that an upload begins with, which shortens its lease by so much.</summary>
    public static readonly TimeSpan SpareTime = TimeSpan.FromHours(1);

    /// <summary>More are not kept, however many uploads there were at once.</summary>
    private const int MaxSpare = 256;

    private readonly ConcurrentQueue<PendingBlob> _spare = new();
    private readonly ConcurrentQueue<PendingBlob> _stale = new();

    /// <summary>Now, in the unit of reclaim rows.</summary>
    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Announces a blob for an upload that begins.</summary>
    public async ValueTask<PendingBlob> TakeAsync(CancellationToken cancellationToken)
    {
        while (_spare.TryDequeue(out PendingBlob? spare))
        {
            // By the clock that decides when the row is due. It may have been set, and set back: then the row may be gone.
            if (Now - spare.Announced is >= 0 and var age && age < SpareTime.TotalMilliseconds && await store.GetAsync(spare.Row, cancellationToken) is not null)
            {
                return spare;
            }

            _stale.Enqueue(spare);
        }

        var batch = new KeyValueBatch();
        PendingBlob announced = Announce(batch);
        if (!await store.CommitAsync(batch, cancellationToken))
        {
            throw new InvalidOperationException("A commit without checks was refused.");
        }

        return announced;
    }

    /// <summary>Adopts a blob: the commit fails if the announcement has lapsed. It announces another one.</summary>
    /// <returns>What to <see cref="Keep"/> if the commit succeeds; null when there are enough.</returns>
    public PendingBlob? Adopt(KeyValueBatch batch, PendingBlob pending)
    {
        batch.Check(pending.Row, pending.Value).Delete(pending.Row);
        return _spare.Count < MaxSpare ? Announce(batch) : null;
    }

    /// <summary>Keeps an announcement that was committed for an upload to come.</summary>
    public void Keep(PendingBlob announced) => _spare.Enqueue(announced);

    /// <summary>
    /// Withdraws an announcement and leaves anything written of the blob to the reclaim worker. If the announcement is gone, a commit
    /// whose result was lost adopted the blob, which is then left alone.
    /// </summary>
    public async ValueTask WithdrawAsync(PendingBlob pending, bool mayExist) =>
        await store.CommitAsync(Withdrawal(pending.Row, pending.Value, pending.Id, mayExist ? Now : null), CancellationToken.None);

    /// <summary>The batch that removes an announcement, if it still stands.</summary>
    /// <param name="row">The key of its row.</param>
    /// <param name="value">The row's value.</param>
    /// <param name="blob">The blob.</param>
    /// <param name="removal">When what was written of the blob is to be removed, in the unit of reclaim rows; null: it stays.</param>
    public static KeyValueBatch Withdrawal(byte[] row, byte[] value, BlobId blob, long? removal)
    {
        KeyValueBatch batch = new KeyValueBatch().Check(row, value).Delete(row).AsRemoval();
        return removal is { } due ? batch.Put(Tables.ReclaimKey(due, blob.Value), new ReclaimRecord(ReclaimKind.Blob, blob.Value).Encode()) : batch;
    }

    /// <summary>Throws if an upload outlived its announcement, since its commit can no longer succeed.</summary>
    /// <exception cref="S3Exception">RequestTimeout.</exception>
    public async ValueTask ThrowIfLapsedAsync(PendingBlob pending, CancellationToken cancellationToken)
    {
        if (await store.GetAsync(pending.Row, cancellationToken) is null)
        {
            throw new S3Exception(S3Error.RequestTimeout);
        }
    }

    private PendingBlob Announce(KeyValueBatch batch)
    {
        // Nothing was written of these, and nobody will: if this commit fails, their rows go when they are due.
        while (_stale.TryDequeue(out PendingBlob? stale))
        {
            batch.Delete(stale.Row);
        }

        long now = Now;
        var id = BlobId.Create(random);
        byte[] row = Tables.ReclaimKey(now + (long)UploadLease.TotalMilliseconds, id.Value);
        byte[] value = new ReclaimRecord(ReclaimKind.PendingBlob, id.Value).Encode();
        batch.Put(row, value);
        return new PendingBlob(id, row, value, now);
    }
}

/// <summary>A blob that is announced and not yet referenced.</summary>
/// <param name="Id">The blob.</param>
/// <param name="Row">The key of the row that announces it.</param>
/// <param name="Value">The row's value.</param>
/// <param name="Announced">When, in milliseconds of Unix time.</param>
internal sealed record PendingBlob(BlobId Id, byte[] Row, byte[] Value, long Announced);
