using Tarn.Core.Disks.Listing;
using Tarn.Core.Errors;

namespace Tarn.Core.Disks;

/// <summary>Lists disks as they are at that moment, in S3's order.</summary>
public sealed class DiskLister : IDisposable
{
    /// <summary>Listings that read file systems at a time; each takes a thread of the pool.</summary>
    private const int MaxAtOnce = 16;

    private readonly WalkSettings _settings;
    private readonly LeftOut _leftOut;
    private readonly DiskOptions _options;
    private readonly SemaphoreSlim _running = new(MaxAtOnce);

    internal DiskLister(DiskOptions options, LeftOut leftOut, TimeProvider clock)
    {
        _options = options;
        _leftOut = leftOut;
        Cache = new SnapshotCache(options.CacheBytes);
        var loader = new SnapshotLoader(Cache, new SnapshotLimits(options.MaxNamesAtOnce, options.MaxNameBytesAtOnce), leftOut, clock);
        _settings = new WalkSettings(loader, options.SlowLook, clock);
    }

    internal SnapshotCache Cache { get; }

    /// <summary>Reads one page. Regular files and what leads to them are listed; directories only as common prefixes, empty ones too.</summary>
    /// <param name="ownerId">The canonical id to show as the owner of every file.</param>
    /// <exception cref="S3Exception">ServiceUnavailable, SlowDown.</exception>
    public async Task<DiskPage> ListAsync(Disk disk, string ownerId, DiskQuery query, CancellationToken cancellationToken)
    {
        await _running.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(() => List(disk, ownerId, query, cancellationToken), cancellationToken);
        }
        finally
        {
            _running.Release();
        }
    }

    public void Dispose() => _running.Dispose();

    internal DiskPage List(Disk disk, string ownerId, DiskQuery query, CancellationToken cancellationToken)
    {
        using DiskTree tree = DiskTree.Open(disk);
        return DiskWalk.Run(new ReadableTree(tree, disk, _leftOut), ownerId, query, _settings, new WalkBudget(_options.MaxDirectoriesPerPage), cancellationToken);
    }
}
