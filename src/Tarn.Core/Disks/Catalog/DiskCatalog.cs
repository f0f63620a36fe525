using System.Collections.Concurrent;
using System.Text;
using Tarn.Core.Disks.Mounts;
using Tarn.Core.KeyValue;
using Tarn.Core.Records;

namespace Tarn.Core.Disks.Catalog;

/// <summary>
/// Creates, attaches, finds, lists and deletes disks. Ids are never reused; names are unique within an organization.
/// </summary>
public sealed class DiskCatalog
{
    private const int MaxCached = 10_000;
    private const int MaxNameLength = 128;

    // A row is read on every request (another node may have changed it), but decoded only when its bytes are new.
    private readonly ConcurrentDictionary<DiskId, Disk> _decoded = new();

    private readonly IKeyValueStore _store;
    private readonly DiskPlaces _places;
    private readonly TimeProvider _clock;
    private readonly IRandomSource _random;
    private readonly OptimisticTransaction _transactions;

    /// <param name="places">Where created disks live, and what may be attached.</param>
    public DiskCatalog(IKeyValueStore store, DiskPlaces places, TimeProvider clock, IRandomSource random)
        : this(store, places, LinuxMountTable.Shared, clock, random)
    {
    }

    internal DiskCatalog(IKeyValueStore store, DiskPlaces places, IMountTable mounts, TimeProvider clock, IRandomSource random)
    {
        _store = store;
        _places = places;
        _clock = clock;
        _random = random;
        _transactions = new OptimisticTransaction(store, clock, random);
        Mounts = new MountSurvey(mounts);
    }

    internal MountSurvey Mounts { get; }

    /// <summary>Finds a disk; null when there is none.</summary>
    public async ValueTask<Disk?> FindAsync(DiskId id, CancellationToken cancellationToken)
    {
        byte[]? bytes = await _store.GetAsync(Tables.DiskKey(id.Value), cancellationToken);
        if (bytes is null)
        {
            _decoded.TryRemove(id, out _);
            return null;
        }

        if (_decoded.TryGetValue(id, out Disk? known) && known.Bytes.AsSpan().SequenceEqual(bytes))
        {
            return known;
        }

        if (_decoded.Count >= MaxCached)
        {
            _decoded.Clear();
        }

        return _decoded[id] = new Disk(id, DiskRecord.Decode(bytes), bytes);
    }

    /// <summary>Finds a disk by its name; null when there is none.</summary>
    public async ValueTask<Disk?> FindByNameAsync(string organization, string name, CancellationToken cancellationToken) =>
        await _store.GetAsync(Tables.DiskByNameKey(organization, name), cancellationToken) is { } bytes
        && DiskId.TryParse(Encoding.UTF8.GetString(bytes), out DiskId id)
            ? await FindAsync(id, cancellationToken)
            : null;

    /// <summary>Creates a disk with an empty tree of its own under the data directory; null when the name is taken.</summary>
    /// <exception cref="DiskRefusedException">The name is empty, longer than 128 characters or holds control characters.</exception>
    /// <exception cref="IOException">The directory cannot be created.</exception>
    public ValueTask<Disk?> CreateAsync(string organization, string name, CancellationToken cancellationToken) =>
        CreateAsync(organization, name, AddressList.Any, growingFiles: false, cancellationToken);

    /// <summary>Creates a disk that only some addresses may read.</summary>
    /// <param name="growingFiles">Whether a file that grows while it is read counts as appended to.</param>
    /// <inheritdoc cref="CreateAsync(string, string, CancellationToken)"/>
    public async ValueTask<Disk?> CreateAsync(
        string organization, string name, AddressList allowed, bool growingFiles, CancellationToken cancellationToken)
    {
        CheckName(name);
        DiskId id = DiskId.New(_random);
        string root = _places.Make(id);
        IReadOnlyList<MountMark> mounts;
        try
        {
            mounts = Mounts.Take(root, isAttached: false);
        }
        catch
        {
            _places.Remove(root);
            throw;
        }

        Disk? made = await PutAsync(id, organization, name, root, isAttached: false, mounts, allowed, growingFiles, cancellationToken);
        if (made is null)
        {
            _places.Remove(root);
        }

        return made;
    }

    /// <summary>Attaches an existing directory as a disk; null when the name is taken. Nothing in the directory is ever written or removed.</summary>
    /// <param name="path">Absolute.</param>
    /// <exception cref="DiskRefusedException">As for <see cref="CreateAsync(string, string, CancellationToken)"/>; or the path is not a directory, may not be attached, or contains or lies in the server's own data.</exception>
    public ValueTask<Disk?> AttachAsync(string organization, string name, string path, CancellationToken cancellationToken) =>
        AttachAsync(organization, name, path, AddressList.Any, growingFiles: false, cancellationToken);

    /// <summary>Attaches an existing directory as a disk that only some addresses may read.</summary>
    /// <param name="growingFiles">Whether a file that grows while it is read counts as appended to.</param>
    /// <inheritdoc cref="AttachAsync(string, string, string, CancellationToken)"/>
    public async ValueTask<Disk?> AttachAsync(
        string organization, string name, string path, AddressList allowed, bool growingFiles, CancellationToken cancellationToken)
    {
        CheckName(name);
        string root = _places.CheckAttachable(organization, path);
        IReadOnlyList<MountMark> mounts = Mounts.Take(root, isAttached: true);
        return await PutAsync(DiskId.New(_random), organization, name, root, isAttached: true, mounts, allowed, growingFiles, cancellationToken);
    }

    /// <summary>An organization's disks in order of id.</summary>
    /// <param name="after">Only disks after this one; null for the first page.</param>
    public async ValueTask<IReadOnlyList<Disk>> ListAsync(string organization, DiskId? after, int limit, CancellationToken cancellationToken)
    {
        byte[] begin = Tables.DiskByOrganizationKey(organization, "");
        byte[] from = after is { } id ? [.. Tables.DiskByOrganizationKey(organization, id.Value), 0] : begin;
        var disks = new List<Disk>();
        foreach (KeyValueEntry row in await _store.ScanAsync(from, KeyCodec.PrefixEnd(begin), limit, reverse: false, cancellationToken))
        {
            if (DiskId.TryParse(Encoding.UTF8.GetString(row.Key.AsSpan(begin.Length)), out DiskId found)
                && await FindAsync(found, cancellationToken) is { } disk)
            {
                disks.Add(disk);
            }
        }

        return disks;
    }

    /// <summary>Resolves the path under which a directory would be attached: without symbolic links.</summary>
    /// <exception cref="DiskRefusedException">It cannot be attached.</exception>
    public string ResolveAttachable(string organization, string path) => _places.CheckAttachable(organization, path);

    /// <summary>Replaces the addresses that may read a disk; null when the disk is gone.</summary>
    public ValueTask<Disk?> SetAllowedAddressesAsync(DiskId id, AddressList allowed, CancellationToken cancellationToken) =>
        ChangeAsync(id, record => record with { AllowedAddresses = allowed.Networks }, cancellationToken);

    /// <summary>Sets whether a file that grows while it is read counts as appended to; null when the disk is gone.</summary>
    public ValueTask<Disk?> SetGrowingFilesAsync(DiskId id, bool growingFiles, CancellationToken cancellationToken) =>
        ChangeAsync(id, record => record with { GrowingFiles = growingFiles }, cancellationToken);

    /// <summary>Replaces the file systems that a disk is expected to consist of; null when the disk is gone.</summary>
    internal ValueTask<Disk?> SetMountsAsync(DiskId id, IReadOnlyList<MountMark> mounts, CancellationToken cancellationToken) =>
        ChangeAsync(id, record => record with { Mounts = mounts }, cancellationToken);

    /// <summary>Adds file systems that a disk is expected to consist of; false when its row has changed meanwhile.</summary>
    internal async ValueTask<bool> AddMountsAsync(Disk disk, IReadOnlyList<MountMark> mounts, CancellationToken cancellationToken)
    {
        byte[] row = Tables.DiskKey(disk.Id.Value);
        DiskRecord record = disk.Record with { Mounts = [.. disk.Record.Mounts, .. mounts] };
        return await _store.CommitAsync(new KeyValueBatch().Check(row, disk.Bytes).Put(row, record.Encode()), cancellationToken);
    }

    /// <summary>
    /// Deletes a disk; false when there was none. A tree that was created for it is removed too, once the disk is gone from every listing; an
    /// attached one is left alone.
    /// </summary>
    /// <exception cref="DiskRefusedException">A file system is mounted on a created tree, or in it.</exception>
    public async ValueTask<bool> DeleteAsync(DiskId id, CancellationToken cancellationToken)
    {
        byte[] row = Tables.DiskKey(id.Value);
        Disk? deleted = await _transactions.RunAsync(row, RemoveAsync, cancellationToken);
        if (deleted is null)
        {
            return false;
        }

        _decoded.TryRemove(id, out _);
        if (!deleted.IsAttached)
        {
            await Task.Run(() => _places.Remove(deleted.RootPath), CancellationToken.None);
        }

        return true;

        async ValueTask<Decision<Disk?>> RemoveAsync(Attempt attempt)
        {
            if (await FindAsync(id, cancellationToken) is not { } disk)
            {
                return Decision.Done<Disk?>(null);
            }

            if (!disk.IsAttached && Mounts.IsMountedIn(disk.RootPath))
            {
                throw new DiskRefusedException("A file system is mounted in the disk's directory: its contents would be removed too. Unmount it first.");
            }

            KeyValueBatch batch = new KeyValueBatch()
                .Check(row, disk.Bytes)
                .Delete(row)
                .Delete(Tables.DiskByOrganizationKey(disk.Organization, id.Value))
                .Delete(Tables.DiskByNameKey(disk.Organization, disk.Name))
                .AsRemoval();
            return Decision.Commit<Disk?>(batch, disk);
        }
    }

    private ValueTask<Disk?> ChangeAsync(DiskId id, Func<DiskRecord, DiskRecord> change, CancellationToken cancellationToken)
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

    private async ValueTask<Disk?> PutAsync(
        DiskId id, string organization, string name, string root, bool isAttached, IReadOnlyList<MountMark> mounts, AddressList allowed,
        bool growingFiles, CancellationToken cancellationToken)
    {
        var record = new DiskRecord
        {
            Name = name,
            Organization = organization,
            RootPath = root,
            IsAttached = isAttached,
            AllowedAddresses = allowed.Networks,
            Mounts = mounts,
            GrowingFiles = growingFiles,
            Created = _clock.GetUtcNow().ToUnixTimeSeconds() * 1000,
        };
        byte[] bytes = record.Encode();
        byte[] named = Tables.DiskByNameKey(organization, name);
        KeyValueBatch batch = new KeyValueBatch()
            .Check(Tables.DiskKey(id.Value), null)
            .Check(named, null)
            .Put(Tables.DiskKey(id.Value), bytes)
            .Put(Tables.DiskByOrganizationKey(organization, id.Value), [])
            .Put(named, Encoding.UTF8.GetBytes(id.Value));
        return await _store.CommitAsync(batch, cancellationToken) ? new Disk(id, record, bytes) : null;
    }

    private static void CheckName(string name)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Length > MaxNameLength || name.Any(char.IsControl))
        {
            throw new DiskRefusedException($"A disk's name must have 1 to {MaxNameLength} characters, none of them control characters.");
        }
    }
}
