using Tarn.Core.Blobs;
using Tarn.Core.KeyValue;
using Tarn.Core.Objects;
using Tarn.Core.Records;

namespace Tarn.Core.Maintenance;

/// <summary>
/// Removes data that nothing holds any more: looks at each reclaim row once it is due. Every step may be cut off and
/// repeated: the row goes last.
/// </summary>
public sealed class ReclaimWorker
{
    private const int Page = 256;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly IKeyValueStore _store;
    private readonly IBlobStore _blobs;
    private readonly DataCustody _custody;
    private readonly TimeProvider _clock;

    internal ReclaimWorker(IKeyValueStore store, IBlobStore blobs, DataCustody custody, TimeProvider clock)
    {
        _store = store;
        _blobs = blobs;
        _custody = custody;
        _clock = clock;
    }

    /// <summary>
    /// Removes what uploads of an earlier process left when it was cut off. Only for a store that no other process uses:
    /// uploads of this process, begun after <paramref name="startedAt"/>, are left alone.
    /// </summary>
    public async Task RecoverAsync(DateTimeOffset startedAt, CancellationToken cancellationToken)
    {
        long until = startedAt.ToUnixTimeMilliseconds() + (long)DataCustody.UploadLease.TotalMilliseconds;
        await foreach ((KeyValueEntry row, ReclaimRecord record) in RowsAsync(until, cancellationToken))
        {
            if (record.Kind == ReclaimKind.PendingBlob)
            {
                await HandleAsync(row, record, cancellationToken);
            }
        }
    }

    /// <summary>Handles every row that is due, and returns how many there were.</summary>
    public async Task<int> RunOnceAsync(CancellationToken cancellationToken)
    {
        int handled = 0;
        await foreach ((KeyValueEntry row, ReclaimRecord record) in RowsAsync(_custody.Now + 1, cancellationToken))
        {
            await HandleAsync(row, record, cancellationToken);
            handled++;
        }

        return handled;
    }

    /// <summary>Works until cancelled. What goes wrong is reported and tried again.</summary>
    public async Task RunAsync(Action<Exception> failed, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Pause, _clock);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            try
            {
                await RunOnceAsync(cancellationToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                failed(e);
            }
        }
    }

    private async IAsyncEnumerable<(KeyValueEntry Row, ReclaimRecord Record)> RowsAsync(
        long until, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        byte[] from = [Tables.Reclaim];
        byte[] end = Tables.ReclaimKey(until, default);
        while (true)
        {
            IReadOnlyList<KeyValueEntry> rows = await _store.ScanAsync(from, end, Page, reverse: false, cancellationToken);
            foreach (KeyValueEntry row in rows)
            {
                yield return (row, ReclaimRecord.Decode(row.Value));
            }

            if (rows.Count < Page)
            {
                yield break;
            }

            from = [.. rows[^1].Key, 0];
        }
    }

    private async ValueTask HandleAsync(KeyValueEntry row, ReclaimRecord record, CancellationToken cancellationToken)
    {
        var batch = new KeyValueBatch();
        switch (record.Kind)
        {
            case ReclaimKind.PendingBlob:
                // The announcement goes before the blob, so that its upload, should it still run, cannot commit any more.
                await _custody.AbandonAsync(new PendingBlob(record.Id, row.Key, row.Value));
                return;
            case ReclaimKind.Blob when !await IsHeldAsync(record.Id, cancellationToken):
                await _blobs.DeleteAsync(record.Id, cancellationToken);
                break;
            case ReclaimKind.Manifest when !await IsHeldAsync(record.Id, cancellationToken):
                await RemoveRowsAsync(Tables.ManifestPrefix(record.Id), bytes => ManifestChunk.Decode(bytes), cancellationToken);
                break;
            case ReclaimKind.Upload:
                await RemoveRowsAsync(Tables.PartPrefix(record.Id), bytes => [PartRecord.Decode(bytes)], cancellationToken);
                break;
        }

        await _store.CommitAsync(batch.Delete(row.Key), cancellationToken);
    }

    private async ValueTask<bool> IsHeldAsync(BlobId id, CancellationToken cancellationToken)
    {
        byte[] from = Tables.BlobReferencePrefix(id);
        return (await _store.ScanAsync(from, Tables.PrefixEnd(from), 1, reverse: false, cancellationToken)).Count > 0;
    }

    /// <summary>Removes rows that hold parts, a few at a time, and gives up what the parts hold.</summary>
    private async ValueTask RemoveRowsAsync(byte[] prefix, Func<byte[], List<PartRecord>> decode, CancellationToken cancellationToken)
    {
        int limit = prefix[0] == Tables.Manifest ? 1 : Page;
        while (true)
        {
            IReadOnlyList<KeyValueEntry> rows = await _store.ScanAsync(prefix, Tables.PrefixEnd(prefix), limit, reverse: false, cancellationToken);
            if (rows.Count == 0)
            {
                return;
            }

            var batch = new KeyValueBatch();
            foreach (KeyValueEntry row in rows)
            {
                batch.Check(row.Key, row.Value).Delete(row.Key);
                foreach (PartRecord part in decode(row.Value))
                {
                    _custody.Release(batch, part.Extents);
                }
            }

            await _store.CommitAsync(batch, cancellationToken);
        }
    }
}
