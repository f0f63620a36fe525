using Microsoft.Win32.SafeHandles;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Disks.Linux;
using Tarn.Core.Disks.Reading;
using Tarn.Core.Errors;
using Tarn.Core.Model;

namespace Tarn.Core.Disks.Writing;

/// <summary>
/// Uploads of files that many requests continue, also after a restart. What was answered to be there is durable; the file appears
/// under its path when the upload is completed.
/// </summary>
public sealed class DiskUploads : IDisposable
{
    /// <summary>The maximum number of uploads of a disk.</summary>
    public const int MaxUploads = 100;

    /// <summary>Characters of the longest label.</summary>
    public const int MaxLabel = 256;

    private const int IdLength = 32;

    private readonly WritableDisks _disks;
    private readonly DiskRoom _room;
    private readonly IRandomSource _random;
    private readonly TimeProvider _clock;
    private readonly UploadCompletion _completion;

    internal DiskUploads(WritableDisks disks, DiskRoom room, IRandomSource random, TimeProvider clock)
    {
        _disks = disks;
        _room = room;
        _random = random;
        _clock = clock;
        _completion = new UploadCompletion(disks, room, file => Sync(file));
    }

    internal UploadTurns Turns { get; } = new();

    /// <summary>Makes what was written to a file durable; tests let it fail.</summary>
    internal Func<SafeFileHandle, int> Sync { get; set; } = LinuxFiles.SyncFileBytes;

    /// <summary>Makes the names in a directory durable; tests let it fail.</summary>
    internal Action<SafeFileHandle> SyncNames
    {
        get => _completion.SyncNames;
        set => _completion.SyncNames = value;
    }

    internal SemaphoreSlim HashPlaces => _completion.HashPlaces;

    internal SemaphoreSlim HashPlaceOf(string organization) => _completion.HashPlaceOf(organization);

    /// <summary>Begins an upload.</summary>
    /// <param name="replaces">Whether the file replaces a file or link that is there when the upload is completed.</param>
    /// <param name="length">How long the file will be, in bytes; null: not known.</param>
    /// <param name="label">What the client wants to recognize the upload by; null: nothing.</param>
    /// <exception cref="DiskChangeRefusedException">The file cannot be written, or there are too many uploads.</exception>
    /// <exception cref="S3Exception">ServiceUnavailable, AccessDenied, SlowDown.</exception>
    /// <exception cref="Blobs.StorageFullException">There is no room for it.</exception>
    public async ValueTask<DiskUpload> CreateAsync(Disk disk, DiskFilePath path, bool replaces, long? length, string? label, CancellationToken cancellationToken)
    {
        if (length < 0 || label?.Length > MaxLabel)
        {
            throw new DiskChangeRefusedException(DiskChangeRefusal.Invalid, $"an upload's length must not be negative, and its label have at most {MaxLabel} characters");
        }

        // One at a time, so that they are counted.
        using UploadTurn turn = await Turns.EnterAsync(KeyOf(disk, ""), cancellationToken);
        using WatchedTree tree = await _disks.OpenAsync(disk.Id, cancellationToken);
        Publisher.ThrowIfImpossible(tree, path, replaces);
        using Staging staging = Staging.Create(tree.Tree, disk.Id);
        _room.ThrowIfShort(disk, staging.Directory, length ?? 0);
        if (Ids(staging).Count() >= MaxUploads)
        {
            throw new DiskChangeRefusedException(DiskChangeRefusal.TooMany, $"a disk can have at most {MaxUploads} uploads: complete some, or abort them");
        }

        string id = Id128.Create(_random).ToString();
        using StagedFile file = StagedFile.Create(staging, disk, path, id, _room);
        try
        {
            var note = new UploadNote
            {
                Path = path.Utf8,
                Replaces = replaces,
                Length = length,
                Label = label,
                Created = _clock.GetUtcNow().ToUnixTimeSeconds() * 1000,
                Inode = file.Inode,
            };
            await BlockingCalls.RunAsync(() => note.Write(staging, id, path));
            return DiskUpload.Of(id, note);
        }
        catch
        {
            // Without a note nobody would find it.
            UploadNote.Remove(staging, id);
            file.Abandon();
            throw;
        }
    }

    /// <summary>The uploads of a disk, the oldest first.</summary>
    /// <exception cref="DiskChangeRefusedException">The disk is gone or read-only.</exception>
    /// <exception cref="S3Exception">ServiceUnavailable, AccessDenied, SlowDown.</exception>
    public async ValueTask<IReadOnlyList<DiskUpload>> ListAsync(Disk disk, CancellationToken cancellationToken)
    {
        using WatchedTree tree = await _disks.OpenAsync(disk.Id, cancellationToken);
        using Staging? staging = Staging.Open(tree.Tree, disk.Id);
        return staging is null ? [] : [.. Ids(staging).Select(id => Find(staging, id)).OfType<DiskUpload>().OrderBy(upload => upload.Created).ThenBy(upload => upload.Id, StringComparer.Ordinal)];
    }

    /// <summary>Finds an upload; null when there is none.</summary>
    /// <exception cref="DiskChangeRefusedException">The disk is gone or read-only.</exception>
    /// <exception cref="S3Exception">ServiceUnavailable, AccessDenied, SlowDown.</exception>
    public async ValueTask<DiskUpload?> FindAsync(Disk disk, string id, CancellationToken cancellationToken)
    {
        if (!IsId(id))
        {
            return null;
        }

        using WatchedTree tree = await _disks.OpenAsync(disk.Id, cancellationToken);
        using Staging? staging = Staging.Open(tree.Tree, disk.Id);
        return staging is null ? null : Find(staging, id);
    }

    /// <summary>Begins to append bytes; null when there is no such upload. A request that is appending is interrupted, and what it wrote is kept.</summary>
    /// <param name="offset">Where they go: the upload's offset.</param>
    /// <param name="length">How many are announced; null: not known.</param>
    /// <param name="keepsParts">Whether bytes are kept before all have arrived: not if they are first compared with a checksum.</param>
    /// <param name="guard">Runs before any are kept, and may still refuse them: then those that came since the last were kept are removed.</param>
    /// <exception cref="DiskChangeRefusedException">Conflict: the offset is another. Invalid: there would be more than the upload's length.</exception>
    /// <exception cref="S3Exception">ServiceUnavailable, AccessDenied, SlowDown.</exception>
    /// <exception cref="Blobs.StorageFullException">There is no room.</exception>
    public async ValueTask<UploadAppend?> AppendAsync(
        Disk disk, string id, long offset, long? length, bool keepsParts, Func<CancellationToken, ValueTask> guard, CancellationToken cancellationToken)
    {
        if (!IsId(id))
        {
            return null;
        }

        UploadTurn? turn = await Turns.EnterAsync(KeyOf(disk, id), cancellationToken);
        Staging? staging = null;
        try
        {
            using WatchedTree tree = await _disks.OpenAsync(disk.Id, cancellationToken);
            staging = Staging.Open(tree.Tree, disk.Id);
            if (staging is null || UploadNote.Read(staging, id) is not { } note)
            {
                return null;
            }

            if (note.Offset != offset)
            {
                throw new DiskChangeRefusedException(DiskChangeRefusal.Conflict, $"the upload has {note.Offset} bytes: go on at that offset");
            }

            UploadAppend.ThrowIfMore(note, offset, length ?? 0);
            DiskFilePath path = DiskFilePath.Parse(note.Path);
            _room.ThrowIfShort(disk, staging.Directory, length ?? 0);
            if (StagedFile.Open(staging, disk, path, id, offset, _room, Sync) is not { } file)
            {
                return null;
            }

            if (file.IsLinked)
            {
                // A file that was published must not change any more.
                using StagedFile linked = file;
                return UploadCompletion.FindPublished(tree, staging, id, note, path, file.Inode, SyncNames) is null ? throw UploadCompletion.Linked() : null;
            }

            var append = new UploadAppend(_disks, disk, turn, file, note, keepsParts, guard);
            (turn, staging) = (null, null);
            return append;
        }
        finally
        {
            staging?.Dispose();
            turn?.Dispose();
        }
    }

    /// <summary>Completes an upload: the file gets its name. Null when there is no such upload. The same again has the same answer, for a while.</summary>
    /// <param name="sha256">The SHA-256 that the file must have, for which it is read; null: it is not compared.</param>
    /// <param name="replaces">Whether a file that is there is replaced, also if the upload was begun without that.</param>
    /// <param name="before">Runs right before the file gets its name, and may still refuse it; null: nothing.</param>
    /// <exception cref="DiskChangeRefusedException">The file is not whole or not the one that was meant, or cannot have its name; or another request interrupts this one. The upload stays.</exception>
    /// <exception cref="S3Exception">ServiceUnavailable, AccessDenied, SlowDown.</exception>
    public async ValueTask<DiskFileFacts?> CompleteAsync(
        Disk disk, string id, byte[]? sha256, bool replaces, Func<CancellationToken, ValueTask>? before, CancellationToken cancellationToken)
    {
        if (!IsId(id))
        {
            return null;
        }

        using UploadTurn turn = await Turns.EnterAsync(KeyOf(disk, id), cancellationToken);
        return await _completion.RunAsync(disk, id, sha256, replaces, turn, before, cancellationToken);
    }

    /// <summary>Removes an upload and what was sent of it; false when there is none.</summary>
    /// <exception cref="DiskChangeRefusedException">The disk is gone or read-only.</exception>
    /// <exception cref="S3Exception">ServiceUnavailable, AccessDenied, SlowDown.</exception>
    public async ValueTask<bool> AbortAsync(Disk disk, string id, CancellationToken cancellationToken)
    {
        if (!IsId(id))
        {
            return false;
        }

        using UploadTurn turn = await Turns.EnterAsync(KeyOf(disk, id), cancellationToken);
        using WatchedTree tree = await _disks.OpenAsync(disk.Id, cancellationToken);
        using Staging? staging = Staging.Open(tree.Tree, disk.Id);
        if (staging is null || UploadNote.Read(staging, id) is null)
        {
            return false;
        }

        UploadNote.Remove(staging, id);
        staging.Remove(id);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _completion.Dispose();

    internal static string KeyOf(Disk disk, string id) => $"{disk.Id}/{id}";

    private static bool IsId(string id) => id.Length == IdLength && id.All(char.IsAsciiHexDigitLower);

    /// <summary>The ids for which there are notes.</summary>
    private static IEnumerable<string> Ids(Staging staging) => staging.Names()
        .Where(name => name.EndsWith(UploadNote.Suffix, StringComparison.Ordinal))
        .Select(name => name[..^UploadNote.Suffix.Length])
        .Where(IsId);

    /// <summary>Reads the note of an upload whose bytes are there: once it is completed they are not.</summary>
    private static DiskUpload? Find(Staging staging, string id) =>
        LinuxFiles.StatName(staging.Directory, Staging.Terminated(id), out _) == Errno.None && UploadNote.Read(staging, id) is { } note ? DiskUpload.Of(id, note) : null;
}
