using System.Text;
using Microsoft.Win32.SafeHandles;
using Tarn.Core.Disks.Trees;
using Tarn.Core.Errors;

namespace Tarn.Core.Disks.Mounts;

/// <summary>Finds which file systems a tree consists of.</summary>
internal sealed class MountSurvey(IMountTable table)
{
    /// <summary>The maximum number of mounts below a root that are recorded; the rest are not watched.</summary>
    private const int MaxMarks = 1000;

    /// <summary>How often a root is reopened because something was mounted or unmounted meanwhile.</summary>
    private const int MaxTries = 50;

    /// <summary>The table as it is now.</summary>
    /// <exception cref="S3Exception">ServiceUnavailable: it cannot be read.</exception>
    public MountList Current()
    {
        try
        {
            return table.Current();
        }
        catch (IOException e)
        {
            throw new S3Exception(S3Error.ServiceUnavailable, "The server cannot read what is mounted.", e);
        }
    }

    /// <summary>Opens a root at a moment when nothing is mounted or unmounted, so that the table describes what was opened.</summary>
    /// <exception cref="S3Exception">As <see cref="DiskTree.Open"/>; SlowDown when the table keeps changing.</exception>
    public (DiskTree Tree, MountList List) Open(string root, bool isAttached)
    {
        for (int tries = 1; ; tries++)
        {
            MountList before = Current();
            DiskTree tree = DiskTree.Open(root, isAttached);
            try
            {
                // The opening itself may have mounted something: an automounter does.
                if (ReferenceEquals(Current(), before))
                {
                    (DiskTree opened, tree) = (tree, null!);
                    return (opened, before);
                }
            }
            finally
            {
                tree?.Dispose();
            }

            if (tries == MaxTries)
            {
                throw Changing();
            }
        }
    }

    /// <summary>The mounts of a tree: the one that its root is in, then those below.</summary>
    /// <param name="isAttached">Whether the root was resolved when it was stored; else it is resolved now.</param>
    public static IReadOnlyList<MountEntry> Seen(MountList list, string root, bool isAttached, out string real)
    {
        real = isAttached ? root : Linux.LinuxFiles.RealPath(root) ?? root;
        try
        {
            IReadOnlyList<MountEntry> seen = list.Of(real);
            return seen.Count <= MaxMarks ? seen : [.. seen.Take(MaxMarks)];
        }
        catch (IOException e)
        {
            throw new S3Exception(S3Error.ServiceUnavailable, "The server cannot read what is mounted.", e);
        }
    }

    /// <summary>Whether a file system is mounted on a created directory, or below it.</summary>
    public bool IsMountedIn(string path)
    {
        IReadOnlyList<MountEntry> seen = Seen(Current(), path, isAttached: false, out string real);
        return seen.Count > 1 || seen[0].Point == real;
    }

    /// <summary>The marks to record for the mounts of a tree.</summary>
    public List<MountMark> Mark(DiskTree tree, string root, IReadOnlyList<MountEntry> seen)
    {
        var marks = new List<MountMark>(seen.Count);
        for (int i = 0; i < seen.Count; i++)
        {
            string below = i == 0 ? "" : seen[i].Point[(root == "/" ? 1 : root.Length + 1)..];
            using SafeFileHandle? directory = NeedsLook(seen[i]) ? OpenIfReadable(tree, below) : null;
            marks.Add(MountMark.Of(root, seen[i], table.Identify(seen[i], directory)));
        }

        return marks;
    }

    /// <summary>Opens a tree and returns the marks of its mounts.</summary>
    public List<MountMark> Take(string root, bool isAttached)
    {
        (DiskTree tree, MountList list) = Open(root, isAttached);
        using (tree)
        {
            IReadOnlyList<MountEntry> seen = Seen(list, root, isAttached, out string real);
            return Mark(tree, real, seen);
        }
    }

    public static S3Exception Changing() => new(S3Error.SlowDown, "File systems are being mounted and unmounted. Try again.");

    /// <summary>Only devices are opened: a network server might not answer, and its source identifies it.</summary>
    private static bool NeedsLook(MountEntry mount) => mount.Source.StartsWith("/dev/", StringComparison.Ordinal);

    private static SafeFileHandle? OpenIfReadable(DiskTree tree, string below)
    {
        try
        {
            return tree.OpenDirectory(Encoding.UTF8.GetBytes(below), out _);
        }
        catch (S3Exception e) when (e.Error == S3Error.AccessDenied)
        {
            // The server's user may not read there: only type and source are known.
            return null;
        }
    }
}
