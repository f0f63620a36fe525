using Tarn.Core.Blobs;
using Tarn.Core.Maintenance;

namespace Tarn.Core.Backups;

/// <summary>
/// Keeps the blobs of a backup that are not copied yet. It is in memory, so it ends with the process. From its begin until the checkpoint was read it holds every blob, then only
/// those that the checkpoint names. docs/design/backup.md
/// </summary>
public sealed class BackupHold : IBlobHolds
{
    private volatile NamedBlobs? _named;
    private volatile int _copied;
    private volatile bool _isOver;
    private volatile bool _hasKept;

    /// <summary>Whether it has kept a blob that would have been removed.</summary>
    public bool HasKept => _hasKept;

    /// <inheritdoc/>
    public bool IsHeld(BlobId id)
    {
        bool holds = !_isOver && (_named is not { } named || (id.Directory >= _copied && named.Has(id)));
        if (holds)
        {
            _hasKept = true;
        }

        return holds;
    }

    /// <summary>Lets everything go.</summary>
    public void Release() => _isOver = true;

    /// <summary>Lets go what the checkpoint does not name.</summary>
    internal void Narrow(NamedBlobs named) => _named = named;

    /// <summary>Lets go the blobs of all directories below this one.</summary>
    internal void Advance(int directory) => _copied = directory;
}
