using Tarn.Core.Disks.Mounts;
using Tarn.Core.KeyValue;

namespace Tarn.Core.Disks.Catalog;

/// <summary>
/// Creates, attaches, finds, lists and deletes disks. Ids are never reused; names are unique within an organization.
/// </summary>
public sealed class DiskCatalog
{
    private const int MaxNameLength = 128;

    private readonly DiskRows _rows;
    private readonly DiskPlaces _places;
    private readonly TimeProvider _clock;
    private readonly IRandomSource _random;

    /// <param name="places">Where created disks live, and what may be attached.</param>
    public DiskCatalog(IKeyValueStore store, DiskPlaces places, TimeProvider clock, IRandomSource random)
        : this(store, places, LinuxMountTable.Shared, clock, random)
    {
    }

    internal DiskCatalog(IKeyValueStore store, DiskPlaces places, IMountTable mounts, TimeProvider clock, IRandomSource random)
    {
        _rows = new DiskRows(store, clock, random);
        _places = places;
        _clock = clock;
        _random = random;
        Mounts = new MountSurvey(mounts);
    }

    internal MountSurvey Mounts { get; }

    internal IRandomSource Random => _random;

    /// <summary>Finds a disk; null when there is none.</summary>
    public ValueTask<Disk?> FindAsync(DiskId id, CancellationToken cancellationToken) => _rows.FindAsync(id, cancellationToken);

    /// <summary>Finds a disk by its name; null when there is none.</summary>
    public ValueTask<Disk?> FindByNameAsync(string organization, string name, CancellationToken cancellationToken) =>
        _rows.FindByNameAsync(organization, name, cancellationToken);

    /// <summary>An organization's disks in order of id.</summary>
    /// <param name="after">Only disks after this one; null for the first page.</param>
    public ValueTask<IReadOnlyList<Disk>> ListAsync(string organization, DiskId? after, int limit, CancellationToken cancellationToken) =>
        _rows.ListAsync(organization, after, limit, cancellationToken);

    /// <summary>The disks of all organizations in order of id.</summary>
    internal IAsyncEnumerable<Disk> ListAllAsync(CancellationToken cancellationToken) => _rows.ListAllAsync(cancellationToken);

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
        ThrowIfInvalidName(name);
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

        var record = new DiskRecord
        {
            Name = name,
            Organization = organization,
            RootPath = root,
            IsAttached = false,
            AllowedAddresses = allowed.Networks,
            Mounts = mounts,
            GrowingFiles = growingFiles,
            Created = Now(),
        };
        Disk? made = await _rows.AddAsync(id, record, cancellationToken);
        if (made is null)
        {
            _places.Remove(root);
        }

        return made;
    }

    /// <summary>Attaches an existing directory as a disk; null when the name is taken. Nothing in the directory is written or removed unless writing is turned on.</summary>
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
        ThrowIfInvalidName(name);
        string root = _places.ThrowIfNotAttachable(organization, path);
        var record = new DiskRecord
        {
            Name = name,
            Organization = organization,
            RootPath = root,
            IsAttached = true,
            AllowedAddresses = allowed.Networks,
            Mounts = Mounts.Take(root, isAttached: true),
            GrowingFiles = growingFiles,
            Created = Now(),
        };
        return await _rows.AddAsync(DiskId.New(_random), record, cancellationToken);
    }

    /// <summary>Resolves the path under which a directory would be attached: without symbolic links.</summary>
    /// <exception cref="DiskRefusedException">It cannot be attached.</exception>
    public string ResolveAttachable(string organization, string path) => _places.ThrowIfNotAttachable(organization, path);

    /// <summary>Replaces the addresses that may read a disk; null when the disk is gone.</summary>
    public ValueTask<Disk?> SetAllowedAddressesAsync(DiskId id, AddressList allowed, CancellationToken cancellationToken) =>
        _rows.ChangeAsync(id, record => record with { AllowedAddresses = allowed.Networks }, cancellationToken);

    /// <summary>Sets whether a file that grows while it is read counts as appended to; null when the disk is gone.</summary>
    public ValueTask<Disk?> SetGrowingFilesAsync(DiskId id, bool growingFiles, CancellationToken cancellationToken) =>
        _rows.ChangeAsync(id, record => record with { GrowingFiles = growingFiles }, cancellationToken);

    /// <summary>Sets whether the control API may write to a disk's tree; null when the disk is gone.</summary>
    public ValueTask<Disk?> SetWritingAsync(DiskId id, bool writing, CancellationToken cancellationToken) =>
        _rows.ChangeAsync(id, record => record with { Writing = writing }, cancellationToken);

    /// <summary>Replaces the file systems that a disk is expected to consist of; null when the disk is gone.</summary>
    internal ValueTask<Disk?> SetMountsAsync(DiskId id, IReadOnlyList<MountMark> mounts, CancellationToken cancellationToken) =>
        _rows.ChangeAsync(id, record => record with { Mounts = mounts }, cancellationToken);

    /// <summary>Adds file systems that a disk is expected to consist of; false when its row has changed meanwhile.</summary>
    internal ValueTask<bool> AddMountsAsync(Disk disk, IReadOnlyList<MountMark> mounts, CancellationToken cancellationToken) =>
        _rows.TryReplaceAsync(disk, disk.Record with { Mounts = [.. disk.Record.Mounts, .. mounts] }, cancellationToken);

    /// <summary>
    /// Deletes a disk; false when there was none. A tree that was created for it is removed too, once the disk is gone from every listing; an
    /// attached one is left alone.
    /// </summary>
    /// <exception cref="DiskRefusedException">A file system is mounted on a created tree, or in it.</exception>
    public async ValueTask<bool> DeleteAsync(DiskId id, CancellationToken cancellationToken)
    {
        Disk? deleted = await _rows.RemoveAsync(id, ThrowIfMounted, cancellationToken);
        if (deleted is null)
        {
            return false;
        }

        if (!deleted.IsAttached)
        {
            await Task.Run(() => _places.Remove(deleted.RootPath), CancellationToken.None);
        }

        return true;
    }

    /// <summary>Unix milliseconds, whole seconds.</summary>
    private long Now() => _clock.GetUtcNow().ToUnixTimeSeconds() * 1000;

    private void ThrowIfMounted(Disk disk)
    {
        if (!disk.IsAttached && Mounts.IsMountedIn(disk.RootPath))
        {
            throw new DiskRefusedException("A file system is mounted in the disk's directory: its contents would be removed too. Unmount it first.");
        }
    }

    private static void ThrowIfInvalidName(string name)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Length > MaxNameLength || name.Any(char.IsControl))
        {
            throw new DiskRefusedException($"A disk's name must have 1 to {MaxNameLength} characters, none of them control characters.");
        }
    }
}
