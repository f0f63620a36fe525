using Tarn.Core.Disks.Catalog;
using Tarn.Core.Disks.Reading;
using Tarn.Core.Errors;

namespace Tarn.Core.Disks.Writing;

/// <summary>Opens the trees of disks for changes: only of disks that exist and may be written to at that moment.</summary>
internal sealed class WritableDisks(DiskCatalog catalog, DiskMounts mounts)
{
    /// <summary>Opens a disk's tree.</summary>
    /// <exception cref="DiskChangeRefusedException">Absent: the disk is gone. Denied: it is read-only.</exception>
    /// <exception cref="S3Exception">ServiceUnavailable: the tree is missing, or not what was attached. SlowDown, NotImplemented.</exception>
    public async ValueTask<WatchedTree> OpenAsync(DiskId id, CancellationToken cancellationToken)
    {
        Disk disk = await catalog.FindAsync(id, cancellationToken) ?? throw new DiskChangeRefusedException(DiskChangeRefusal.Absent, "there is no such disk");
        return disk.IsWritable
            ? await mounts.OpenAsync(disk, cancellationToken)
            : throw new DiskChangeRefusedException(DiskChangeRefusal.Denied, $"{id} is read-only: turn writing on first (tarn disk set {id} --write on)");
    }
}
