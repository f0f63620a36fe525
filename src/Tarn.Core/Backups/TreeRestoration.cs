using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
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

        if (await BackupVerification.ProblemAsync(target, list, static _ => { }, cancellationToken) is { } damaged)
        {
            return [damaged with { Detail = $"{damaged.Detail} The files of made disks are not restored." }];
        }

        progress.Phase = "copying disks";
        progress.Expect(0, manifest.DiskBytes);
        var problems = new List<BackupProblem>();
        ThrowIfFailed("open", LinuxFiles.OpenRoot(directory, out SafeFileHandle? root));
        using (root)
        {
            var directories = new Stack<TreeEntry>();
            await using var content = new BufferedStream((await target.OpenListAsync(list.Sha256, cancellationToken))!, 1 << 16);
            while (TreeEntry.Read(content) is { } entry)
            {
                if (await MakeAsync(root!, entry, target, progress, cancellationToken) is { } problem)
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
                ThrowIfFailed("openat2", LinuxFiles.OpenDirectory(root!, [.. entry.Path, 0], followLinks: false, out SafeFileHandle? made));
                using (made)
                {
                    Finish(made!, entry);
                }
            }
        }

        FileSync.Directory(directory);
        return problems;
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
        BackupFile file = BackupVerification.FileOf(entry);
        await using Stream? content = await target.OpenAsync(file.Sha256, cancellationToken);
        if (content is null)
        {
            return new BackupProblem("missing", $"The file {file.Name} is missing.") { Data = file.Name };
        }

        if (ProblemOf(entry, "openat", LinuxFiles.MakeFile(parent, name, out SafeFileHandle? made)) is { } notMade)
        {
            return notMade;
        }

        await using var copy = new FileStream(made!, FileAccess.Write, bufferSize: 0);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[1 << 20];
        string? unreadable = null;
        while (true)
        {
            int count;
            try
            {
                count = await content.ReadAsync(buffer, cancellationToken);
            }
            catch (IOException e) when (e is not BackupPlaceException)
            {
                (count, unreadable) = (0, e.Message);
            }

            if (count == 0)
            {
                break;
            }

            hash.AppendData(buffer, 0, count);
            await copy.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
            progress.Add(count);
        }

        if (unreadable is not null || Convert.ToHexStringLower(hash.GetHashAndReset()) != file.Sha256)
        {
            // No wrong byte is left under the name.
            ThrowIfFailed("unlinkat", LinuxFiles.Unlink(parent, name, isDirectory: false));
            return new BackupProblem(
                unreadable is null ? "damaged" : "unreadable",
                unreadable is null ? $"The file {file.Name} does not match its checksum." : $"The file {file.Name} cannot be read: {unreadable}") { Data = file.Name };
        }

        Finish(copy.SafeFileHandle, entry);
        return null;
    }

    private static void Finish(SafeFileHandle made, TreeEntry entry)
    {
        // Whoever restores it owns it, so nothing may run as its owner that another one wrote.
        ThrowIfFailed("fchmod", LinuxFiles.SetPermissions(made, entry.Permissions & (entry.Kind == TreeKind.Directory ? AccessAndSticky : Access)));
        ThrowIfFailed("futimens", LinuxFiles.SetModified(made, entry.Modified));
        FileSync.File(made, TreeCopy.Text(entry.Path));
    }

    /// <summary>What one entry cannot be made for, such as its name, is its own problem; a directory that takes nothing any more ends it.</summary>
    private static BackupProblem? ProblemOf(TreeEntry entry, string call, int error) => error switch
    {
        Errno.None => null,
        NoSpace or ReadOnly or InputOutput or QuotaExceeded => throw LinuxFiles.Failed(call, error),
        _ => NotMade(entry, LinuxFiles.Failed(call, error).Message),
    };

    private static BackupProblem NotMade(TreeEntry entry, string why) =>
        new("unreadable", $"What is on a disk cannot be made: {why}") { Data = BackupManifest.DiskListName + "/" + TreeCopy.Text(entry.Path) };

    private static void ThrowIfFailed(string call, int error)
    {
        if (error != Errno.None)
        {
            throw LinuxFiles.Failed(call, error);
        }
    }
}
