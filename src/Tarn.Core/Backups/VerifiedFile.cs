using Tarn.Core.Consistency;
using Tarn.Core.Files;

namespace Tarn.Core.Backups;

/// <summary>Reads files of a backup, and compares them with their checksums.</summary>
internal static class VerifiedFile
{
    /// <summary>What is wrong with a file; null when nothing is.</summary>
    /// <param name="target">The place.</param>
    /// <param name="file">The file.</param>
    /// <param name="read">Is told how many bytes were read.</param>
    /// <param name="cancellationToken">Cancels the reads.</param>
    public static async ValueTask<BackupProblem?> ProblemAsync(IBackupTarget target, BackupFile file, Action<long> read, CancellationToken cancellationToken)
    {
        try
        {
            await using Stream? content = await target.OpenAsync(file.Sha256, cancellationToken);
            return content is null ? Missing(file) : await ProblemAsync(content, file, read, cancellationToken);
        }
        catch (Exception e) when (IsOfTheFile(e))
        {
            return Unreadable(file, e);
        }
    }

    /// <summary>Opens a file of which nothing was compared yet.</summary>
    /// <returns>The file, or else why it cannot be opened.</returns>
    public static async ValueTask<(Stream? Content, BackupProblem? Problem)> OpenAsync(IBackupTarget target, BackupFile file, CancellationToken cancellationToken)
    {
        try
        {
            return await target.OpenAsync(file.Sha256, cancellationToken) is { } content ? (content, null) : (null, Missing(file));
        }
        catch (Exception e) when (IsOfTheFile(e))
        {
            return (null, Unreadable(file, e));
        }
    }

    /// <summary>Opens a list, once all of it was compared: what is read is what was compared.</summary>
    /// <returns>The list, or else what is wrong with it.</returns>
    public static async ValueTask<(Stream? Content, BackupProblem? Problem)> OpenListAsync(
        IBackupTarget target, BackupFile list, Action<long>? read, CancellationToken cancellationToken)
    {
        Stream? content = null;
        try
        {
            content = await target.OpenListAsync(list.Sha256, cancellationToken);
            if ((content is null ? Missing(list) : await ProblemAsync(content, list, read, cancellationToken)) is { } problem)
            {
                return (null, problem);
            }

            content!.Position = 0;
            var opened = new BufferedStream(content, 1 << 16);
            content = null;
            return (opened, null);
        }
        catch (Exception e) when (IsOfTheFile(e))
        {
            return (null, Unreadable(list, e));
        }
        finally
        {
            if (content is not null)
            {
                await content.DisposeAsync();
            }
        }
    }

    /// <summary>Copies a file out of a place of backups, durably.</summary>
    /// <exception cref="BackupDamagedException">It is missing, or does not match its checksum; nothing is left of the copy.</exception>
    public static async ValueTask CopyAsync(IBackupTarget target, BackupFile file, string path, CancellationToken cancellationToken)
    {
        await using Stream content = await target.OpenAsync(file.Sha256, cancellationToken) ?? throw new BackupDamagedException($"the file {file.Name} of the backup is missing");
        await using var copy = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        bool isWhole = false;
        try
        {
            if (await HashedCopy.RunAsync(content, copy, read: null, cancellationToken) != (file.Length, file.Sha256))
            {
                throw new BackupDamagedException($"the file {file.Name} of the backup does not match its checksum");
            }

            FileSync.File(copy.SafeFileHandle, path);
            isWhole = true;
        }
        finally
        {
            if (!isWhole)
            {
                File.Delete(path);
            }
        }
    }

    /// <summary>A file of the backup that is missing.</summary>
    public static BackupProblem Missing(BackupFile file) => Of(file, FindingKind.Missing, "is missing.");

    /// <summary>A file of the backup that has other bytes.</summary>
    public static BackupProblem Damaged(BackupFile file) => Of(file, FindingKind.Damaged, "does not match its checksum.");

    /// <summary>A file of the backup that cannot be read.</summary>
    public static BackupProblem Unreadable(BackupFile file, Exception e) => Of(file, FindingKind.Unreadable, $"cannot be read: {e.Message}");

    private static async ValueTask<BackupProblem?> ProblemAsync(Stream content, BackupFile file, Action<long>? read, CancellationToken cancellationToken)
    {
        (long length, string sha256) = await HashedCopy.RunAsync(content, to: null, read, cancellationToken);
        return length != file.Length ? Of(file, FindingKind.WrongLength, $"has {length} bytes instead of {file.Length}.")
            : sha256 != file.Sha256 ? Damaged(file)
            : null;
    }

    /// <summary>Whether a failure says that the file cannot be read, and not that the place or this machine fails.</summary>
    private static bool IsOfTheFile(Exception e) => e is (IOException or UnauthorizedAccessException) and not CopyPlaceException;

    private static BackupProblem Of(BackupFile file, FindingKind kind, string what) => BackupProblem.Of(kind, $"The file {file.Name} {what}") with { Data = file.Name };
}
