using Microsoft.Win32.SafeHandles;
using Tarn.Core.Consistency;
using Tarn.Core.Disks.Linux;
using Tarn.Core.Files;

namespace Tarn.Core.Backups;

/// <summary>Makes the directory of made disks again, durably, with the names, permissions and times that it had. Owners are those of who restores it.</summary>
public static class TreeRestoration
{
    private const int Access = 511; // 0777
    private const int AccessAndSticky = 1023; // 01777
    private const int InputOutput = 5; // EIO
    private const int NoSpace = 28; // ENOSPC
    private const int ReadOnly = 30; // EROFS
    private const int QuotaExceeded = 122; // EDQUOT

    /// <summary>Makes it.</summary>
    /// <param name="target">The place of the backup.</param>
    /// <param name="manifest">The backup.</param>
    /// <param name="directory">The directory; it exists and is empty.</param>
    /// <param name="progress">Is told how far it is.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>What is missing or damaged in the backup, and what the directory does not take.</returns>
    /// <exception cref="IOException">The directory cannot be written.</exception>
    public static async Task<IReadOnlyList<BackupProblem>> RunAsync(
        IBackupTarget target, BackupManifest manifest, string directory, BackupProgress progress, CancellationToken cancellationToken)
    {
        if (manifest.File(BackupManifest.DiskListName) is not { } list)
        {
            return [];
        }

        (Stream? content, BackupProblem? damaged) = await VerifiedFile.OpenListAsync(target, list, read: null, cancellationToken);
        if (content is null)
        {
            return [damaged! with { Detail = $"{damaged!.Detail} The files of made disks are not restored." }];
        }

        progress.Phase = "copying disks";
        progress.Expect(0, manifest.DiskBytes);
        var problems = new List<BackupProblem>();
        await using (content)
        {
            LinuxFiles.ThrowIfFailed("open", LinuxFiles.OpenRoot(directory, out SafeFileHandle? root));
            using (root)
            {
                await MakeAsync(root!, content, target, problems, progress, cancellationToken);
            }
        }

        FileSync.Directory(directory);
        return problems;
    }

    private static async ValueTask MakeAsync(
        SafeFileHandle root, Stream list, IBackupTarget target, List<BackupProblem> problems, BackupProgress progress, CancellationToken cancellationToken)
    {
        var directories = new Stack<TreeEntry>();
        foreach (TreeEntry entry in TreeEntry.ReadAll(list))
        {
            if (await MakeAsync(root, entry, target, progress, cancellationToken) is { } problem)
            {
                problems.Add(problem);
            }
            else if (entry.Kind == TreeKind.Directory)
            {
                directories.Push(entry);
            }
        }

        // Last, and from the inside out: a directory may be read-only, and its time changes with its entries.
        foreach (TreeEntry entry in directories)
        {
            LinuxFiles.ThrowIfFailed("openat2", LinuxFiles.OpenDirectory(root, [.. entry.Path, 0], followLinks: false, out SafeFileHandle? made));
            using (made)
            {
                Finish(made!, entry);
            }
        }
    }

    private static async ValueTask<BackupProblem?> MakeAsync(SafeFileHandle root, TreeEntry entry, IBackupTarget target, BackupProgress progress, CancellationToken cancellationToken)
    {
        int slash = entry.Path.AsSpan().LastIndexOf((byte)'/');
        byte[] name = [.. entry.Path.AsSpan(slash + 1), 0];
        if (name is [0] or [(byte)'.', 0] or [(byte)'.', (byte)'.', 0])
        {
            return NotMade(entry, "no file can have that name");
        }

        int error = LinuxFiles.OpenDirectory(root, slash < 0 ? [(byte)'.', 0] : [.. entry.Path.AsSpan(0, slash), 0], followLinks: false, out SafeFileHandle? parent);
        using (parent)
        {
            if (error != Errno.None)
            {
                return ProblemOf(entry, "openat2", error);
            }

            switch (entry.Kind)
            {
                case TreeKind.Directory:
                    return ProblemOf(entry, "mkdirat", LinuxFiles.MakeDirectory(parent!, name));
                case TreeKind.Link:
                    return ProblemOf(entry, "symlinkat", LinuxFiles.MakeLink(parent!, name, [.. entry.Content, 0]));
                default:
                    return await MakeFileAsync(parent!, name, entry, target, progress, cancellationToken);
            }
        }
    }

    private static async ValueTask<BackupProblem?> MakeFileAsync(
        SafeFileHandle parent, byte[] name, TreeEntry entry, IBackupTarget target, BackupProgress progress, CancellationToken cancellationToken)
    {
        BackupFile file = entry.File;
        (Stream? opened, BackupProblem? unreadable) = await VerifiedFile.OpenAsync(target, file, cancellationToken);
        if (opened is null)
        {
            return unreadable;
        }

        await using Stream content = opened;
        if (ProblemOf(entry, "openat", LinuxFiles.MakeFile(parent, name, out SafeFileHandle? made)) is { } notMade)
        {
            return notMade;
        }

        await using var copy = new FileStream(made!, FileAccess.Write, bufferSize: 0);
        BackupProblem? problem;
        try
        {
            (_, string sha256) = await HashedCopy.RunAsync(content, copy, progress.Add, cancellationToken);
            problem = sha256 == file.Sha256 ? null : VerifiedFile.Damaged(file);
        }
        catch (SourceUnreadableException e)
        {
            problem = VerifiedFile.Unreadable(file, e);
        }

        if (problem is not null)
        {
            // No wrong byte is left under the name.
            LinuxFiles.ThrowIfFailed("unlinkat", LinuxFiles.Unlink(parent, name, isDirectory: false));
            return problem;
        }

        Finish(copy.SafeFileHandle, entry);
        return null;
    }

    private static void Finish(SafeFileHandle made, TreeEntry entry)
    {
        // Whoever restores it owns it, so nothing may run as its owner that another one wrote.
        LinuxFiles.ThrowIfFailed("fchmod", LinuxFiles.SetPermissions(made, entry.Permissions & (entry.Kind == TreeKind.Directory ? AccessAndSticky : Access)));
        LinuxFiles.ThrowIfFailed("futimens", LinuxFiles.SetModified(made, entry.Modified));
        FileSync.File(made, entry.Text);
    }

    /// <summary>What one entry cannot be made for, such as its name, is its own problem; a directory that takes nothing any more ends it.</summary>
    private static BackupProblem? ProblemOf(TreeEntry entry, string call, int error) => error switch
    {
        Errno.None => null,
        NoSpace or ReadOnly or InputOutput or QuotaExceeded => throw LinuxFiles.Failed(call, error),
        _ => NotMade(entry, LinuxFiles.Failed(call, error).Message),
    };

    private static BackupProblem NotMade(TreeEntry entry, string why) =>
        BackupProblem.Of(FindingKind.Unreadable, $"What is on a disk cannot be made: {why}") with { Data = entry.File.Name };
}
