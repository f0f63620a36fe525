using Tarn.Core.Disks.Catalog;
using Tarn.Core.Disks.Listing;
using Tarn.Core.Disks.Reading;

namespace Tarn.Core.Disks;

/// <summary>Entry point to disks: the catalog, listing and reading.</summary>
public sealed class DiskStore : IDisposable
{
    private readonly DiskMounts _mounts;

    /// <param name="firstLeftOut">Called for the first name of each kind that listings of a disk leave out, with its path; from any thread.</param>
    /// <param name="mounts">Called when the file systems of a disk disappear, return or are seen for the first time; from any thread.</param>
    public DiskStore(
        DiskCatalog catalog, DiskOptions options, TimeProvider clock, Action<Disk, LeftOutReason, string>? firstLeftOut = null,
        Action<Disk, MountNotice, string>? mounts = null)
    {
        Catalog = catalog;
        _mounts = new DiskMounts(catalog, mounts);
        DiskMounts.ShowRefused();
        Reader = new DiskReader(_mounts, clock);
        Lister = new DiskLister(_mounts, options, new LeftOut(firstLeftOut), clock);
    }

    /// <summary>Creates, attaches, finds, lists and deletes disks.</summary>
    public DiskCatalog Catalog { get; }

    /// <summary>Opens files.</summary>
    public DiskReader Reader { get; }

    /// <summary>Lists files.</summary>
    public DiskLister Lister { get; }

    /// <summary>Accepts the file systems that are mounted in a disk's tree now as the expected ones; null when the disk is gone.</summary>
    /// <exception cref="Errors.S3Exception">ServiceUnavailable: the tree does not exist.</exception>
    public ValueTask<Disk?> AcceptMountsAsync(Disk disk, CancellationToken cancellationToken) => _mounts.AcceptAsync(disk, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => Lister.Dispose();
}
