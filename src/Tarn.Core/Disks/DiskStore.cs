using Tarn.Core.Disks.Mounts;

namespace Tarn.Core.Disks;

/// <summary>Everything that disks can do: which there are, what is in them, and their bytes.</summary>
public sealed class DiskStore : IDisposable
{
    private readonly DiskMounts _mounts;

    /// <param name="firstLeftOut">Told of the first thing of each kind that listings of a disk leave out, with its path; from any thread.</param>
    /// <param name="mounts">Told when the file systems of a disk go, come back or are seen for the first time; from any thread.</param>
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

    public DiskCatalog Catalog { get; }

    public DiskReader Reader { get; }

    public DiskLister Lister { get; }

    /// <summary>Takes the file systems that a disk's tree consists of now for those that it is to be of; null when the disk is gone.</summary>
    /// <exception cref="Errors.S3Exception">ServiceUnavailable: the tree is not there.</exception>
    public ValueTask<Disk?> AcceptMountsAsync(Disk disk, CancellationToken cancellationToken) => _mounts.AcceptAsync(disk, cancellationToken);

    public void Dispose() => Lister.Dispose();
}

/// <summary>How much listings of disks may take.</summary>
public sealed record DiskOptions
{
    /// <summary>Bytes of sorted names that are kept between requests.</summary>
    public long CacheBytes { get; init; } = 128L << 20;

    /// <summary>Names of one directory that are held at a time; a larger directory is read once for every half as many.</summary>
    public int MaxNamesAtOnce { get; init; } = 2_000_000;

    /// <summary>The same, in bytes.</summary>
    public int MaxNameBytesAtOnce { get; init; } = 64 << 20;

    /// <summary>How long it takes to look at one file where the files of a page are looked at several at a time: a device or a server is waited for.</summary>
    public TimeSpan SlowLook { get; init; } = TimeSpan.FromMicroseconds(100);

    /// <summary>Directories entered for one page; a page that is not full by then ends there and says so.</summary>
    public int MaxDirectoriesPerPage { get; init; } = 100_000;
}
