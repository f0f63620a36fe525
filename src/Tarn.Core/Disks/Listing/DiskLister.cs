using Tarn.Core.Disks.Catalog;
using Tarn.Core.Disks.Mounts;
using Tarn.Core.Disks.Reading;
using Tarn.Core.Disks.Trees;
using Tarn.Core.Errors;

namespace Tarn.Core.Disks.Listing;

/// <summary>Lists the current contents of disks in S3's order.</summary>
public sealed class DiskLister : IDisposable
{
    /// <summary>The maximum number of concurrent listings that read file systems; each occupies a thread of the pool.</summary>
    private const int MaxAtOnce = 16;

    private readonly DiskMounts _mounts;
    private readonly WalkSettings _settings;
    private readonly LeftOut _leftOut;
    private readonly DiskOptions _options;
    private readonly SemaphoreSlim _running = new(MaxAtOnce);

    internal DiskLister(DiskMounts mounts, DiskOptions options, LeftOut leftOut, TimeProvider clock)
    {
        _mounts = mounts;
        _options = options;
        _leftOut = leftOut;
        Cache = new SnapshotCache(options.CacheBytes);
        var loader = new SnapshotLoader(Cache, new SnapshotLimits(options.MaxNamesAtOnce, options.MaxNameBytesAtOnce), leftOut, clock);
        _settings = new WalkSettings(loader, options.SlowLook, clock);
    }

    internal SnapshotCache Cache { get; }

    /// <summary>Reads one page. Regular files and links to them are listed; directories only as common prefixes, empty ones too.</summary>
    /// <param name="ownerId">The canonical id to show as the owner of every file.</param>
    /// <exception cref="S3Exception">ServiceUnavailable, SlowDown.</exception>
    public async Task<DiskPage> ListAsync(Disk disk, string ownerId, DiskQuery query, CancellationToken cancellationToken)
    {
        await _running.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(() => ListMountedAsync(disk, ownerId, query, cancellationToken), cancellationToken);
        }
        finally
        {
            _running.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _running.Dispose();

    internal DiskPage List(DiskTree tree, Disk disk, string ownerId, DiskQuery query, CancellationToken cancellationToken) => DiskWalk.Run(
        new WalkContext(
            new ReadableTree(tree, disk, _leftOut), ownerId, _settings, new WalkBudget(_options.MaxDirectoriesPerPage), cancellationToken),
        query);

    /// <summary>A page through which nothing was unmounted: of a file system that goes while it is read, an empty directory stays.</summary>
    private async Task<DiskPage> ListMountedAsync(Disk disk, string ownerId, DiskQuery query, CancellationToken cancellationToken)
    {
        for (int tries = 1; ; tries++)
        {
            using WatchedTree tree = await _mounts.OpenAsync(disk, cancellationToken);
            DiskPage page = List(tree.Tree, disk, ownerId, query, cancellationToken);
            if (tree.IsUntouched || (tries == DiskMounts.MaxTries && tree.IsSame))
            {
                return page;
            }

            if (tries == DiskMounts.MaxTries)
            {
                throw MountSurvey.Changing();
            }
        }
    }
}
