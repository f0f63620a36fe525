using System.Runtime.CompilerServices;
using System.Text;
using Tarn.Core.KeyValue;
using Tarn.Core.Records;

namespace Tarn.Core.Disks.Catalog;

/// <summary>The rows of disks: each disk's record, by id, and the two indexes that find it by organization and by name.</summary>
internal sealed class DiskRows(IKeyValueStore store, TimeProvider clock, IRandomSource random)
{
    private const int Page = 1000;

    private readonly OptimisticTransaction _transactions = new(store, clock, random);
    private readonly DecodedRows<DiskId, Disk> _decoded =
        new(store, static id => Tables.DiskKey(id.Value), static (id, bytes) => new Disk(id, Rows.Decode(Tables.DiskKey(id.Value), bytes, DiskRecord.Decode), bytes));

    /// <summary>Finds a disk; null when there is none.</summary>
    public ValueTask<Disk?> FindAsync(DiskId id, CancellationToken cancellationToken) => _decoded.FindAsync(id, cancellationToken);

    /// <summary>Finds a disk by its name; null when there is none.</summary>
    public async ValueTask<Disk?> FindByNameAsync(string organization, string name, CancellationToken cancellationToken) =>
        await store.GetAsync(Tables.DiskByNameKey(organization, name), cancellationToken) is { } bytes
        && DiskId.TryParse(Encoding.UTF8.GetString(bytes), out DiskId id)
            ? await FindAsync(id, cancellationToken)
            : null;

    /// <summary>An organization's disks in order of id.</summary>
    /// <param name="after">Only disks after this one; null for the first page.</param>
    public async ValueTask<IReadOnlyList<Disk>> ListAsync(string organization, DiskId? after, int limit, CancellationToken cancellationToken)
    {
        byte[] begin = Tables.DiskByOrganizationKey(organization, "");
        byte[] from = after is { } id ? [.. Tables.DiskByOrganizationKey(organization, id.Value), 0] : begin;
        var disks = new List<Disk>();
        foreach (KeyValueEntry row in await store.ScanAsync(from, KeyCodec.PrefixEnd(begin), limit, reverse: false, cancellationToken))
        {
            if (DiskId.TryParse(Encoding.UTF8.GetString(row.Key.AsSpan(begin.Length)), out DiskId found)
                && await FindAsync(found, cancellationToken) is { } disk)
            {
                disks.Add(disk);
            }
        }

        return disks;
    }

    /// <summary>All disks in order of id; those that are created or deleted meanwhile may be among them.</summary>
    public async IAsyncEnumerable<Disk> ListAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        byte[] prefix = [Tables.Disk];
        await foreach (KeyValueEntry row in store.AllAsync(prefix, KeyCodec.PrefixEnd(prefix), Page, cancellationToken))
        {
            if (DiskId.TryParse(Encoding.UTF8.GetString(row.Key.AsSpan(prefix.Length)), out DiskId id) && await FindAsync(id, cancellationToken) is { } disk)
            {
                yield return disk;
            }
        }
    }

    /// <summary>Adds a disk; null when its name is taken.</summary>
    public async ValueTask<Disk?> AddAsync(DiskId id, DiskRecord record, CancellationToken cancellationToken)
    {
        byte[] bytes = record.Encode();
        byte[] row = Tables.DiskKey(id.Value);
        byte[] named = Tables.DiskByNameKey(record.Organization, record.Name);
        KeyValueBatch batch = new KeyValueBatch()
            .Check(row, null)
            .Check(named, null)
            .Put(row, bytes)
            .Put(Tables.DiskByOrganizationKey(record.Organization, id.Value), [])
            .Put(named, Encoding.UTF8.GetBytes(id.Value));
        return await store.CommitAsync(batch, cancellationToken) ? new Disk(id, record, bytes) : null;
    }

    /// <summary>Changes a disk's record; null when the disk is gone.</summary>
    /// <param name="change">Called again after a lost race. Must not change the organization or the name.</param>
    public ValueTask<Disk?> ChangeAsync(DiskId id, Func<DiskRecord, DiskRecord> change, CancellationToken cancellationToken)
    {
        byte[] row = Tables.DiskKey(id.Value);
        return _transactions.RunAsync(
            row,
            async _ =>
            {
                if (await FindAsync(id, cancellationToken) is not { } disk)
                {
                    return Decision.Done<Disk?>(null);
                }

                DiskRecord record = change(disk.Record);
                byte[] bytes = record.Encode();
                return Decision.Commit<Disk?>(new KeyValueBatch().Check(row, disk.Bytes).Put(row, bytes), new Disk(id, record, bytes));
            },
            cancellationToken);
    }

    /// <summary>Replaces a disk's record; false when it has changed since the disk was read.</summary>
    /// <param name="record">Must have the same organization and name.</param>
    public async ValueTask<bool> TryReplaceAsync(Disk disk, DiskRecord record, CancellationToken cancellationToken)
    {
        byte[] row = Tables.DiskKey(disk.Id.Value);
        return await store.CommitAsync(new KeyValueBatch().Check(row, disk.Bytes).Put(row, record.Encode()), cancellationToken);
    }

    /// <summary>Removes a disk, and returns it; null when there was none.</summary>
    /// <param name="throwIfInUse">Throws if the disk must stay.</param>
    public async ValueTask<Disk?> RemoveAsync(DiskId id, Action<Disk> throwIfInUse, CancellationToken cancellationToken)
    {
        byte[] row = Tables.DiskKey(id.Value);
        Disk? removed = await _transactions.RunAsync(row, PrepareAsync, cancellationToken);
        _decoded.Forget(id);
        return removed;

        async ValueTask<Decision<Disk?>> PrepareAsync(Attempt attempt)
        {
            if (await FindAsync(id, cancellationToken) is not { } disk)
            {
                return Decision.Done<Disk?>(null);
            }

            throwIfInUse(disk);
            KeyValueBatch batch = new KeyValueBatch()
                .Check(row, disk.Bytes)
                .Delete(row)
                .Delete(Tables.DiskByOrganizationKey(disk.Organization, id.Value))
                .Delete(Tables.DiskByNameKey(disk.Organization, disk.Name))
                .AsRemoval();
            return Decision.Commit<Disk?>(batch, disk);
        }
    }
}
