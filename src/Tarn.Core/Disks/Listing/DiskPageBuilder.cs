using Microsoft.Win32.SafeHandles;
using Tarn.Core.Files;

namespace Tarn.Core.Disks.Listing;

/// <summary>The page that a walk fills. Files are examined in groups, directory by directory, before the walk leaves their directory.</summary>
/// <param name="maxKeys">The maximum number of keys and common prefixes on the page.</param>
internal sealed class DiskPageBuilder(WalkContext context, int maxKeys)
{
    private readonly PendingFiles _pending = new(context);

    public DiskPage Page { get; } = new();

    /// <summary>Whether files were added that still have to be examined.</summary>
    public bool HasUnexamined => _pending.Count > 0;

    private int Count => Page.Objects.Count + Page.CommonPrefixes.Count + _pending.Count;

    /// <summary>Whether one more key or common prefix fits; if not, the page ends here, truncated.</summary>
    public bool HasRoom()
    {
        if (Count < maxKeys)
        {
            return true;
        }

        Page.IsTruncated = true;
        return false;
    }

    /// <summary>Ends the page before it is full: the client learns how far the search came, and continues from there.</summary>
    /// <param name="path">The path that the search reached.</param>
    public void EndAt(ReadOnlySpan<byte> path)
    {
        if (HasRoom())
        {
            Page.IsTruncated = true;
            Page.Last = path.ToArray();
        }
    }

    /// <summary>Adds a file of the current directory, which still has to be examined.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="nameStart">Where the name begins in it.</param>
    public void AddFile(ReadOnlySpan<byte> path, int nameStart) => _pending.Add(Reach(path), nameStart);

    /// <summary>Adds the file that a link leads to, which was examined already.</summary>
    public void AddFile(ReadOnlySpan<byte> path, in FileStat stat) => _pending.AddKnown(Reach(path), stat);

    public void AddPrefix(ReadOnlySpan<byte> prefix) => Page.CommonPrefixes.Add(Reach(prefix));

    /// <summary>Examines the files that were added. Those that are gone meanwhile are left out.</summary>
    /// <param name="directory">The directory that they are in; null when it is gone.</param>
    public void Examine(SafeFileHandle? directory) => _pending.LookInto(directory, Page.Objects);

    private byte[] Reach(ReadOnlySpan<byte> path) => Page.Last = path.ToArray();
}
