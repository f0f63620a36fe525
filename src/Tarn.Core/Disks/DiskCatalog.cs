using System.Collections.Concurrent;
using System.Text;
using Tarn.Core.KeyValue;
using Tarn.Core.Records;

namespace Tarn.Core.Disks;

/// <summary>
/// Makes, attaches, finds, lists and deletes disks. Ids are never used again; names are unique within an organization.
/// </summary>
/// <param name="places">Where made disks live and what may not be attached.</param>
public sealed class DiskCatalog(IKeyValueStore store, DiskPlaces places, TimeProvider clock, IRandomSource random)
{
    private const int MaxCached = 10_000;
    private const int MaxNameLength = 128;

    // A row is read on every request (another node may have changed it), but decoded only when its bytes are new.
    private readonly ConcurrentDictionary<DiskId, Disk> _decoded = new();

    /// <summary>Finds a disk; null when there is none.</summary>
    public async ValueTask<Disk?> FindAsync(DiskId id, CancellationToken cancellationToken)
    {
        byte[]? bytes = await store.GetAsync(Tables.DiskKey(id.Value), cancellationToken);
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
        await store.GetAsync(Tables.DiskByNameKey(organization, name), cancellationToken) is { } bytes
        && DiskId.TryParse(Encoding.UTF8.GetString(bytes), out DiskId id)
            ? await FindAsync(id, cancellationToken)
            : null;

    /// <summary>Makes a disk with an empty tree of its own under the data directory; null when the name is taken.</summary>
    /// <exception cref="DiskRefusedException">The name is empty, longer than 128 characters or holds control characters.</exception>
    /// <exception cref="IOException">The directory cannot be made.</exception>
    public ValueTask<Disk?> CreateAsync(string organization, string name, CancellationToken cancellationToken) =>
        CreateAsync(organization, name, AddressList.Any, cancellationToken);

    /// <summary>Makes a disk that only some addresses may read.</summary>
    /// <inheritdoc cref="CreateAsync(string, string, CancellationToken)"/>
    public async ValueTask<Disk?> CreateAsync(string organization, string name, AddressList allowed, CancellationToken cancellationToken)
    {
        CheckName(name);
        DiskId id = DiskId.New(random);
        string root = places.Make(id);
        Disk? made = await PutAsync(id, organization, name, root, isAttached: false, allowed, cancellationToken);
        if (made is null)
        {
            places.Remove(root);
        }

        return made;
    }

    /// <summary>Shows a directory that exists as a disk; null when the name is taken. Nothing in the directory is ever written or removed.</summary>
    /// <param name="path">Absolute.</param>
    /// <exception cref="DiskRefusedException">As for <see cref="CreateAsync(string, string, CancellationToken)"/>; or the path is no directory, is not one that may be attached, or has the server's own data below or above it.</exception>
    public ValueTask<Disk?> AttachAsync(string organization, string name, string path, CancellationToken cancellationToken) =>
        AttachAsync(organization, name, path, AddressList.Any, cancellationToken);

    /// <summary>Shows a directory that exists as a disk that only some addresses may read.</summary>
    /// <inheritdoc cref="AttachAsync(string, string, string, CancellationToken)"/>
    public async ValueTask<Disk?> AttachAsync(
        string organization, string name, string path, AddressList allowed, CancellationToken cancellationToken)
    {
        CheckName(name);
        return await PutAsync(DiskId.New(random), organization, name, places.CheckAttachable(organization, path), isAttached: true, allowed, cancellationToken);
    }

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

    /// <summary>The path under which a directory would be attached: without its symbolic links.</summary>
    /// <exception cref="DiskRefusedException">It cannot be attached.</exception>
    public string ResolveAttachable(string organization, string path) => places.CheckAttachable(organization, path);

    /// <summary>Replaces the addresses that may read a disk; null when the disk is gone.</summary>
    public async ValueTask<Disk?> SetAllowedAddressesAsync(DiskId id, AddressList allowed, CancellationToken cancellationToken)
    {
        while (await FindAsync(id, cancellationToken) is { } disk)
        {
            DiskRecord record = disk.Record with { AllowedAddresses = allowed.Networks };
            byte[] row = Tables.DiskKey(id.Value);
            byte[] bytes = record.Encode();
            if (await store.CommitAsync(new KeyValueBatch().Check(row, disk.Bytes).Put(row, bytes), cancellationToken))
            {
                return new Disk(id, record, bytes);
            }
        }

        return null;
    }

    /// <summary>
    /// Deletes a disk; false when there was none. A tree that was made for it goes with it, after the disk is gone from every
    /// listing; an attached one stays as it is.
    /// </summary>
    public async ValueTask<bool> DeleteAsync(DiskId id, CancellationToken cancellationToken)
    {
        while (await FindAsync(id, cancellationToken) is { } disk)
        {
            byte[] row = Tables.DiskKey(id.Value);
            KeyValueBatch batch = new KeyValueBatch()
                .Check(row, disk.Bytes)
                .Delete(row)
                .Delete(Tables.DiskByOrganizationKey(disk.Organization, id.Value))
                .Delete(Tables.DiskByNameKey(disk.Organization, disk.Name));
            if (await store.CommitAsync(batch, cancellationToken))
            {
                _decoded.TryRemove(id, out _);
                if (!disk.IsAttached)
                {
                    await Task.Run(() => places.Remove(disk.RootPath), CancellationToken.None);
                }

                return true;
            }
        }

        return false;
    }

    private async ValueTask<Disk?> PutAsync(
        DiskId id, string organization, string name, string root, bool isAttached, AddressList allowed, CancellationToken cancellationToken)
    {
        var record = new DiskRecord
        {
            Name = name,
            Organization = organization,
            RootPath = root,
            IsAttached = isAttached,
            AllowedAddresses = allowed.Networks,
            Created = clock.GetUtcNow().ToUnixTimeSeconds() * 1000,
        };
        byte[] bytes = record.Encode();
        byte[] named = Tables.DiskByNameKey(organization, name);
        KeyValueBatch batch = new KeyValueBatch()
            .Check(Tables.DiskKey(id.Value), null)
            .Check(named, null)
            .Put(Tables.DiskKey(id.Value), bytes)
            .Put(Tables.DiskByOrganizationKey(organization, id.Value), [])
            .Put(named, Encoding.UTF8.GetBytes(id.Value));
        return await store.CommitAsync(batch, cancellationToken) ? new Disk(id, record, bytes) : null;
    }

    private static void CheckName(string name)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Length > MaxNameLength || name.Any(char.IsControl))
        {
            throw new DiskRefusedException($"A disk's name has 1 to {MaxNameLength} characters, none of them control characters.");
        }
    }
}
