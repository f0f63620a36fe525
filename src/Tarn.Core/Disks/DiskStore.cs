using Tarn.Core.Disks.Catalog;
using Tarn.Core.Disks.Linux;
using Tarn.Core.Disks.Listing;
using Tarn.Core.Disks.Reading;
using Tarn.Core.Disks.Writing;

namespace Tarn.Core.Disks;

/// <summary>Entry point to disks: the catalog, listing, reading and writing.</summary>
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
        var writable = new WritableDisks(catalog, _mounts);
        var room = new DiskRoom(options.ReserveBytes);
        Uploads = new DiskUploads(writable, room, catalog.Random, clock);
        Writer = new DiskWriter(writable, room, Uploads.Turns, catalog.Random);
        Sweep = new StagingSweep(catalog, _mounts, Uploads.Turns, clock);
    }

    /// <summary>Creates, attaches, finds, lists and deletes disks.</summary>
    public DiskCatalog Catalog { get; }

    /// <summary>Opens files.</summary>
    public DiskReader Reader { get; }

    /// <summary>Lists files.</summary>
    public DiskLister Lister { get; }

    /// <summary>Writes, renames and removes files.</summary>
    public DiskWriter Writer { get; }

    /// <summary>Resumable uploads of files.</summary>
    public DiskUploads Uploads { get; }

    /// <summary>Removes uploads that were abandoned.</summary>
    public StagingSweep Sweep { get; }

    /// <summary>
    /// Removes what the server itself keeps in the tree of an attached disk: uploads that were not completed. Returns why some of it stays: the tree is
    /// not there, or may not be changed; null when nothing does.
    /// </summary>
    public async ValueTask<string?> DropUploadsAsync(Disk disk, CancellationToken cancellationToken)
    {
        try
        {
            using WatchedTree tree = await _mounts.OpenServedAsync(disk, cancellationToken);
            await BlockingCalls.RunAsync(() => Staging.Drop(tree.Tree, disk.Id));
            return null;
        }
        catch (Exception e) when (e is Errors.S3Exception or DiskChangeRefusedException or IOException)
        {
            return e.Message;
        }
    }

    /// <summary>Accepts the file systems that are mounted in a disk's tree now as the expected ones; null when the disk is gone.</summary>
    /// <exception cref="Errors.S3Exception">ServiceUnavailable: the tree does not exist.</exception>
    public ValueTask<Disk?> AcceptMountsAsync(Disk disk, CancellationToken cancellationToken) => _mounts.AcceptAsync(disk, cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        Lister.Dispose();
        Uploads.Dispose();
        Writer.Dispose();
    }
}
