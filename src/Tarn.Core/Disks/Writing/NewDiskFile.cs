using System.Buffers;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Disks.Linux;
using Tarn.Core.Disks.Reading;
using Tarn.Core.Errors;

namespace Tarn.Core.Disks.Writing;

/// <summary>A file of a disk that is being written. Unless it is committed nothing is left of it.</summary>
public sealed class NewDiskFile : IDisposable
{
    private readonly WritableDisks _disks;
    private readonly Disk _disk;
    private readonly bool _replaces;
    private readonly StagedFile _file;
    private readonly UploadTurn _turn;
    private bool _published;

    internal NewDiskFile(WritableDisks disks, Disk disk, bool replaces, StagedFile file, UploadTurn turn)
    {
        _disks = disks;
        _disk = disk;
        _replaces = replaces;
        _file = file;
        _turn = turn;
    }

    /// <summary>Appends bytes.</summary>
    /// <exception cref="DiskChangeRefusedException">TooLarge.</exception>
    /// <exception cref="Blobs.StorageFullException">There is no room.</exception>
    public void Append(in ReadOnlySequence<byte> data) => _file.Append(data);

    /// <summary>Makes the file durable, and gives it its name.</summary>
    /// <exception cref="DiskChangeRefusedException">It cannot have that name.</exception>
    /// <exception cref="S3Exception">ServiceUnavailable, AccessDenied, SlowDown.</exception>
    public async ValueTask<DiskFileFacts> CommitAsync(CancellationToken cancellationToken)
    {
        await BlockingCalls.RunAsync(_file.Sync);
        using WatchedTree tree = await _disks.OpenAsync(_disk.Id, cancellationToken);
        using Staging staging = Staging.Open(tree.Tree, _disk.Id)
            ?? throw new DiskChangeRefusedException(DiskChangeRefusal.Absent, "what was written is gone: the disk's directory was replaced meanwhile");
        DiskFileFacts facts = await BlockingCalls.RunAsync(() => Publisher.Publish(tree, staging, _file, _replaces));
        _published = true;
        return facts;
    }

    /// <summary>Removes what was written, unless it was committed.</summary>
    public void Dispose()
    {
        try
        {
            if (!_published)
            {
                _file.Abandon();
            }
        }
        finally
        {
            _file.Dispose();
            _turn.Dispose();
        }
    }
}
