using System.Text;
using Microsoft.Win32.SafeHandles;
using Tarn.Core.Disks.Trees;
using Tarn.Core.Errors;

namespace Tarn.Core.Disks.Mounts;

/// <summary>Finds which file systems a tree consists of.</summary>
internal sealed class MountSurvey(IMountTable table)
{
    /// <summary>Mounts below a root that are remembered; a tree with more has the rest unwatched.</summary>
    private const int MaxMarks = 1000;

    /// <summary>How often a root is opened anew because something was mounted or unmounted at that moment.</summary>
    private const int MaxTries = 50;

    /// <summary>The table as it is now.</summary>
    /// <exception cref="S3Exception">ServiceUnavailable: it cannot be read, so that what is mounted cannot be told.</exception>
    public MountList Current()
    {
        try
        {
            return table.Current();
        }
        catch (IOException e)
        {
            throw new S3Exception(S3Error.ServiceUnavailable, "The server cannot see what is mounted.", e);
        }
    }

    /// <summary>Opens a root while nothing was mounted or unmounted, so that what the table says is true of what was opened.</summary>
    /// <exception cref="S3Exception">As <see cref="DiskTree.Open"/>; SlowDown where the table never rests.</exception>
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
    /// <param name="isAttached">Whether the root was resolved when it was noted; else it is now.</param>
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
            throw new S3Exception(S3Error.ServiceUnavailable, "The server cannot see what is mounted.", e);
        }
    }

    /// <summary>Whether a file system is mounted on a directory that was made, or below it.</summary>
    public bool IsMountedIn(string path)
    {
        IReadOnlyList<MountEntry> seen = Seen(Current(), path, isAttached: false, out string real);
        return seen.Count > 1 || seen[0].Point == real;
    }

    /// <summary>What to remember of them.</summary>
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

    /// <summary>What a tree that is opened now consists of.</summary>
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

    /// <summary>Only devices are looked into: a server on a network might not answer, and has a name of its own.</summary>
    private static bool NeedsLook(MountEntry mount) => mount.Source.StartsWith("/dev/", StringComparison.Ordinal);

    private static SafeFileHandle? OpenIfReadable(DiskTree tree, string below)
    {
        try
        {
            return tree.OpenDirectory(Encoding.UTF8.GetBytes(below), out _);
        }
        catch (S3Exception e) when (e.Error == S3Error.AccessDenied)
        {
            // The server's user may not read there: what is known without is the type and the source.
            return null;
        }
    }
}
