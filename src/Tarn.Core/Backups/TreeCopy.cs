using System.Text;
using Microsoft.Win32.SafeHandles;
using Tarn.Core.Consistency;
using Tarn.Core.Disks.Linux;
using Tarn.Core.Files;

namespace Tarn.Core.Backups;

/// <summary>Copies the files of made disks into a backup. A file that is the same as at the last backup is not read again.</summary>
internal static class TreeCopy
{
    /// <summary>A file that changes while it is copied is copied again, so many times.</summary>
    private const int Tries = 3;

    /// <summary>What was copied.</summary>
    /// <param name="List">The path of the list that was written.</param>
    /// <param name="Files">How many names there are.</param>
    /// <param name="Bytes">Bytes of files.</param>
    /// <param name="Notices">What is not as it was.</param>
    /// <param name="Problems">What cannot be read.</param>
    public sealed record Copied(string List, long Files, long Bytes, IReadOnlyList<string> Notices, IReadOnlyList<BackupProblem> Problems);

    /// <summary>Copies all of it.</summary>
    /// <param name="directory">The directory of made disks.</param>
    /// <param name="target">Where it goes.</param>
    /// <param name="earlier">The list of an earlier backup; null when there is none.</param>
    /// <param name="list">The path of the list to write.</param>
    /// <param name="progress">Is told how far it is.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="IOException">The target cannot be written.</exception>
    public static async ValueTask<Copied> RunAsync(
        string directory, IBackupTarget target, Stream? earlier, string list, BackupProgress progress, CancellationToken cancellationToken)
    {
        var notices = new List<string>();
        var problems = new List<BackupProblem>();
        long files = 0, bytes = 0;
        int error = LinuxFiles.OpenRoot(directory, out SafeFileHandle? root);
        await using var output = new FileStream(list, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);
        using (root)
        {
            LinuxFiles.ThrowIfFailed("open", error);
            var walk = new TreeWalk(root!, (path, why) => notices.Add($"{TreeEntry.TextOf(path)} is not in the backup: {why}."), (path, why) => problems.Add(Unreadable(path, why)));
            TreeEntry? before = earlier is null ? null : TreeEntry.Read(earlier);
            foreach (TreeEntry found in walk.Run())
            {
                cancellationToken.ThrowIfCancellationRequested();
                while (before is not null && TreeEntry.Compare(before.Path, found.Path) < 0)
                {
                    before = TreeEntry.Read(earlier!);
                }

                TreeEntry? same = before is not null && before.Path.AsSpan().SequenceEqual(found.Path) && found.IsSameAs(before) ? before : null;
                TreeEntry? entry = found.Kind == TreeKind.File ? await CopyAsync(walk, target, found, same, notices, problems, progress, cancellationToken) : found;
                if (entry is not null)
                {
                    entry.Write(output);
                    (files, bytes) = (files + 1, bytes + entry.Length);
                }
            }
        }

        return new Copied(list, files, bytes, notices, problems);
    }

    private static async ValueTask<TreeEntry?> CopyAsync(
        TreeWalk walk,
        IBackupTarget target,
        TreeEntry found,
        TreeEntry? same,
        List<string> notices,
        List<BackupProblem> problems,
        BackupProgress progress,
        CancellationToken cancellationToken)
    {
        progress.Expect(0, found.Length);
        if (same is not null && await target.HasAsync(same.File.Sha256, same.Length, cancellationToken))
        {
            progress.Add(found.Length);
            return found with { Content = same.Content };
        }

        try
        {
            for (int tries = 1; ; tries++)
            {
                using SafeFileHandle? file = Open(walk, found.Path);
                if (file is null)
                {
                    return null;
                }

                LinuxFiles.Stat(file, out FileStat before);
                if (!target.Takes(before.Size, before.Allocated))
                {
                    problems.Add(Unreadable(found.Path, $"its {before.Size} bytes are too many for one object of {target.Place}"));
                    return null;
                }

                await using var content = new FileStream(file, FileAccess.Read, bufferSize: 0);
                (long length, string sha256, bool isNew) = await target.AddAsync(content, mayShare: false, cancellationToken);
                LinuxFiles.Stat(content.SafeFileHandle, out FileStat after);
                bool isStill = after.HasBytesOf(before);
                if (!isStill && tries < Tries)
                {
                    continue;
                }

                if (!isStill)
                {
                    notices.Add($"{found.Text} changed while it was copied: the backup has a state between two others.");
                }

                progress.Add(length);
                progress.AddCopied(isNew ? length : 0);
                return TreeEntry.Of(found.Path, TreeKind.File, before) with { Length = length, Content = Encoding.ASCII.GetBytes(sha256), Inode = isStill ? before.Identity.Inode : 0 };
            }
        }
        catch (SourceUnreadableException e)
        {
            problems.Add(Unreadable(found.Path, e.Message));
            return null;
        }
    }

    private static SafeFileHandle? Open(TreeWalk walk, byte[] path)
    {
        try
        {
            return walk.Open(path);
        }
        catch (IOException e)
        {
            throw new SourceUnreadableException(e.Message, e);
        }
    }

    private static BackupProblem Unreadable(byte[] path, string why) =>
        BackupProblem.Of(FindingKind.Unreadable, $"What is on a disk cannot be read: {why}") with { Data = TreeEntry.TextOf(path) };
}
