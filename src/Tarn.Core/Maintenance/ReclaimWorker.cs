using Tarn.Core.Blobs;
using Tarn.Core.KeyValue;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Objects.Writing;
using Tarn.Core.Records;
using Tarn.Core.Samples;
using Tarn.Core.Telemetry;

namespace Tarn.Core.Maintenance;

/// <summary>
/// Removes data that no longer has a holder: handles each reclaim row once it is due. Every step may be interrupted and
/// repeated, since the row is removed last.
/// </summary>
public sealed class ReclaimWorker : IBlobHolds
{
    private const int Page = 256;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly IKeyValueStore _store;
    private readonly IBlobStore _blobs;
    private readonly OptimisticTransaction _transactions;
    private readonly KeyTransaction _keys;
    private readonly DataOwnership _ownership;
    private readonly TimeProvider _clock;
    private long _backlog;
    private long _orphans;
    private long _handled;
    private long _failures;
    private volatile IBlobHolds? _hold;

    internal ReclaimWorker(IKeyValueStore store, IBlobStore blobs, OptimisticTransaction transactions, KeyTransaction keys, DataOwnership ownership, TimeProvider clock)
    {
        _store = store;
        _blobs = blobs;
        _transactions = transactions;
        _keys = keys;
        _ownership = ownership;
        _clock = clock;
    }

    /// <summary>Rows that were due but not handled at the last pass.</summary>
    public long Backlog => Interlocked.Read(ref _backlog);

    /// <summary>Rows handled since the process started.</summary>
    public long Handled => Interlocked.Read(ref _handled);

    /// <summary>Rows, and whole passes, that failed since the process started; they are tried again.</summary>
    public long Failures => Interlocked.Read(ref _failures);

    /// <summary>Blobs that interrupted uploads have written, found since the process started.</summary>
    public long Orphans => Interlocked.Read(ref _orphans);

    /// <summary>What is not removed for now, although it is due; null: nothing is held. A row whose blob is held stays, and is looked at again at each pass.</summary>
    public IBlobHolds? Hold
    {
        get => _hold;
        set => _hold = value;
    }

    /// <summary>Whether blobs without rows are kept, because rows may be missing.</summary>
    internal IKeptOrphans Kept { get; init; } = NoKeptOrphans.Instance;

    /// <summary>What downloads that go on hold, beside that; null: nothing.</summary>
    internal IBlobHolds? Leases { get; init; }

    /// <inheritdoc/>
    public bool IsHeld(BlobId id) => _hold?.IsHeld(id) == true || Leases?.IsHeld(id) == true;

    /// <summary>
    /// Removes what interrupted uploads of an earlier process left behind. Only for a store that no other process uses:
    /// uploads of this process, begun after <paramref name="startedAt"/>, are left alone.
    /// </summary>
    /// <param name="startedAt">When this process started.</param>
    /// <param name="failed">Receives the failure of each row that could not be handled, which is retried later; null to stop at the first.</param>
    /// <param name="cancellationToken">Cancels the operation between rows.</param>
    public async Task RecoverAsync(DateTimeOffset startedAt, Action<Exception>? failed, CancellationToken cancellationToken)
    {
        long until = startedAt.ToUnixTimeMilliseconds() + (long)BlobAnnouncements.UploadLease.TotalMilliseconds;
        await PassAsync(until, static record => record.Kind == ReclaimKind.PendingBlob, failed, cancellationToken);
    }

    /// <summary>Handles every due row, and returns their number.</summary>
    /// <param name="failed">Receives the failure of each row that could not be handled, which is retried later; null to stop at the first.</param>
    /// <param name="cancellationToken">Cancels the operation between rows.</param>
    public async Task<int> RunOnceAsync(Action<Exception>? failed, CancellationToken cancellationToken)
    {
        long until = _ownership.Now + 1;
        long due = 0;
        await foreach (KeyValueEntry _ in RowsAsync(until, cancellationToken))
        {
            due++;
        }

        Interlocked.Exchange(ref _backlog, due);
        int handled = 0;
        if (due > 0)
        {
            await BackgroundSpan.RunAsync("Reclaim", async span =>
            {
                span?.SetTag("tarn.reclaim.due", due);
                handled = await PassAsync(until, static _ => true, failed, cancellationToken);
                span?.SetTag("tarn.reclaim.handled", handled);
            });
        }

        Interlocked.Exchange(ref _backlog, Math.Max(0, due - handled));
        return handled;
    }

    /// <summary>Recovers, and then reclaims until cancelled. Failures are reported and retried.</summary>
    public async Task RunAsync(DateTimeOffset startedAt, Action<Exception> failed, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Pause, _clock);
        bool recovered = false;
        do
        {
            try
            {
                if (!recovered)
                {
                    await RecoverAsync(startedAt, failed, cancellationToken);
                    recovered = true;
                }

                await RunOnceAsync(failed, cancellationToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                Interlocked.Increment(ref _failures);
                failed(e);
            }
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    private async Task<int> PassAsync(
        long until, Func<ReclaimRecord, bool> wanted, Action<Exception>? failed, CancellationToken cancellationToken)
    {
        int handled = 0;
        await foreach (KeyValueEntry row in RowsAsync(until, cancellationToken))
        {
            try
            {
                ReclaimRecord record = Rows.Decode(row.Key, row.Value, ReclaimRecord.Decode);
                if (wanted(record) && await HandleAsync(row, record, cancellationToken))
                {
                    handled++;
                    Interlocked.Increment(ref _handled);
                }
            }
            catch (Exception e) when (failed is not null && e is not OperationCanceledException)
            {
                // One bad row must not keep the others from being reclaimed.
                Interlocked.Increment(ref _failures);
                failed(e);
            }
        }

        return handled;
    }

    private async IAsyncEnumerable<KeyValueEntry> RowsAsync(
        long until, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        byte[] from = [Tables.Reclaim];
        byte[] end = Tables.ReclaimKey(until, default);
        while (true)
        {
            IReadOnlyList<KeyValueEntry> rows = await _store.ScanAsync(from, end, Page, reverse: false, cancellationToken);
            foreach (KeyValueEntry row in rows)
            {
                yield return row;
            }

            if (rows.Count < Page)
            {
                yield break;
            }

            from = [.. rows[^1].Key, 0];
        }
    }

    /// <returns>False when the row stays because its blob is held.</returns>
    private async ValueTask<bool> HandleAsync(KeyValueEntry row, ReclaimRecord record, CancellationToken cancellationToken)
    {
        KeyValueBatch batch = new KeyValueBatch().AsRemoval();
        switch (record.Kind)
        {
            case ReclaimKind.PendingBlob:
                await WithdrawAsync(row, new BlobId(record.Id), cancellationToken);
                return true;
            case ReclaimKind.Blob:
                if (IsHeld(new BlobId(record.Id)))
                {
                    return false;
                }

                if (!await _store.HasReferenceAsync(record.Id, cancellationToken))
                {
                    await _blobs.DeleteAsync(new BlobId(record.Id), cancellationToken);
                }

                break;
            case ReclaimKind.Manifest:
                if (!await _store.HasReferenceAsync(record.Id, cancellationToken))
                {
                    await RemoveRowsAsync(
                        Tables.ManifestPrefix(record.Id), ManifestChunk.Decode, (batch, part) => _ownership.ReleaseAtOnce(batch, part.Extents), cancellationToken);
                }

                break;
            case ReclaimKind.Upload:
                await RemoveRowsAsync(Tables.PartPrefix(record.Id), static bytes => [PartRecord.Decode(bytes)], ReleasePart, cancellationToken);
                break;
            case ReclaimKind.Bucket:
                await EndUploadsAsync(record.Id.Low, cancellationToken);
                await SampleRemoval.OfBucketAsync(_store, record.Id.Low, cancellationToken);
                break;
            case ReclaimKind.AbortedUpload:
                batch.Delete(Tables.AbortedUploadKey(record.Id));
                break;
            default:
                // Left for the newer build that wrote it.
                return true;
        }

        await _store.CommitAsync(batch.Delete(row.Key), cancellationToken);
        return true;

        void ReleasePart(KeyValueBatch removal, PartRecord part)
        {
            _ownership.Release(removal, part.Extents);
            if (record.BucketId != 0)
            {
                (-part.Counts).AddTo(removal, record.BucketId);
            }
        }
    }

    /// <summary>
    /// Removes an announcement, and has what was written of its blob removed: in this order, so that the upload, should it still be running, can no longer commit. Where rows may be missing,
    /// the blob stays: it may be one that was adopted, by a commit that is lost. It is then an orphan, which is kept.
    /// </summary>
    private async ValueTask WithdrawAsync(KeyValueEntry row, BlobId blob, CancellationToken cancellationToken)
    {
        bool isWritten = await _blobs.FindAsync(blob, cancellationToken) is not null;
        if (await _store.CommitAsync(BlobAnnouncements.Withdrawal(row.Key, row.Value, blob, Kept.Reason is null ? _ownership.Now : null), cancellationToken) && isWritten)
        {
            Interlocked.Increment(ref _orphans);
        }
    }

    /// <summary>Aborts the uploads left in a deleted bucket, in which no new ones can begin.</summary>
    private async ValueTask EndUploadsAsync(ulong bucketId, CancellationToken cancellationToken)
    {
        byte[] table = Tables.UploadTable(bucketId);
        while (true)
        {
            IReadOnlyList<KeyValueEntry> rows = await _store.ScanAsync(table, KeyCodec.PrefixEnd(table), Page, reverse: false, cancellationToken);
            if (rows.Count == 0)
            {
                return;
            }

            await _keys.TryAsync(
                batch =>
                {
                    batch.AsRemoval();
                    foreach (KeyValueEntry row in rows)
                    {
                        batch.Check(row.Key, row.Value).Delete(row.Key);
                        _ownership.EndUpload(batch, bucketId, Tables.UploadOf(row.Key));
                    }
                },
                cancellationToken);
        }
    }

    /// <summary>Removes rows that hold parts, a few at a time, and releases what the parts hold.</summary>
    private async ValueTask RemoveRowsAsync(
        byte[] prefix, RecordDecoder<List<PartRecord>> decode, Action<KeyValueBatch, PartRecord> release, CancellationToken cancellationToken)
    {
        int limit = prefix[0] == Tables.Manifest ? 1 : Page;
        while (await _transactions.RunAsync(prefix, RemovePageAsync, cancellationToken))
        {
        }

        async ValueTask<Decision<bool>> RemovePageAsync(Attempt attempt)
        {
            IReadOnlyList<KeyValueEntry> rows = await _store.ScanAsync(prefix, KeyCodec.PrefixEnd(prefix), limit, reverse: false, cancellationToken);
            if (rows.Count == 0)
            {
                return Decision.Done(false);
            }

            KeyValueBatch batch = new KeyValueBatch().AsRemoval();
            foreach (KeyValueEntry row in rows)
            {
                batch.Check(row.Key, row.Value).Delete(row.Key);
                foreach (PartRecord part in Rows.Decode(row.Key, row.Value, decode))
                {
                    release(batch, part);
                }
            }

            return Decision.Commit(batch, true);
        }
    }
}
