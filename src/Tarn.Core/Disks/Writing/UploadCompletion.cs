using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Disks.Linux;
using Tarn.Core.Disks.Reading;
using Tarn.Core.Files;

namespace Tarn.Core.Disks.Writing;

/// <summary>Completes uploads: compares their bytes with a hash, and gives the file its name.</summary>
internal sealed class UploadCompletion(WritableDisks disks, DiskRoom room, Func<SafeFileHandle, int> sync) : IDisposable
{
    /// <summary>How many files are read at a time to compare their hashes; the others wait.</summary>
    internal const int HashedAtOnce = 2;

    private readonly CompletedUploads _completed = new();
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _ofOrganizations = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, IOException> _notDurable = new(StringComparer.Ordinal);

    internal SemaphoreSlim HashPlaces { get; } = new(HashedAtOnce);

    /// <summary>Makes the names in a directory durable; tests let it fail.</summary>
    internal Action<SafeFileHandle> SyncNames { get; set; } = Parents.Sync;

    /// <summary>What a file of an organization's disk is hashed with: one at a time, so that the places are not all one organization's.</summary>
    internal SemaphoreSlim HashPlaceOf(string organization) => _ofOrganizations.GetOrAdd(organization, static _ => new SemaphoreSlim(1));

    /// <inheritdoc cref="DiskUploads.CompleteAsync"/>
    public async ValueTask<DiskFileFacts?> RunAsync(
        Disk disk, string id, byte[]? sha256, bool replaces, UploadTurn turn, Func<CancellationToken, ValueTask>? before, CancellationToken cancellationToken)
    {
        string key = DiskUploads.KeyOf(disk, id);
        if (_notDurable.TryGetValue(key, out IOException? failed))
        {
            // Asked again, the kernel would say that all is well.
            throw new IOException("the file may not survive the machine's end: " + failed.Message, failed);
        }

        try
        {
            return await CompleteAsync(disk, id, key, sha256, replaces, turn, before, cancellationToken);
        }
        catch (NotDurableException e)
        {
            _notDurable.TryAdd(key, e);
            throw;
        }
    }

    private async ValueTask<DiskFileFacts?> CompleteAsync(
        Disk disk, string id, string key, byte[]? sha256, bool replaces, UploadTurn turn, Func<CancellationToken, ValueTask>? before, CancellationToken cancellationToken)
    {
        using WatchedTree tree = await disks.OpenAsync(disk.Id, cancellationToken);
        using Staging? staging = Staging.Open(tree.Tree, disk.Id);
        if (staging is null || UploadNote.Read(staging, id) is not { } note)
        {
            return _completed.Find(key, sha256);
        }

        DiskFilePath path = DiskFilePath.Parse(note.Path);
        using StagedFile? file = StagedFile.Open(staging, disk, path, id, note.Offset, room, sync);
        if (file is null || file.IsLinked)
        {
            ulong inode = file?.Inode ?? note.Inode;
            if (sha256 is not null)
            {
                using SafeFileHandle? there = OpenPublished(tree, note, path, inode);
                if (there is not null)
                {
                    await ThrowIfOtherAsync(disk, there, note.Offset, sha256, turn, cancellationToken);
                }
            }

            DiskFileFacts? published = FindPublished(tree, staging, id, note, path, inode, SyncNames);
            if (published is null)
            {
                return file is null ? null : throw Linked();
            }

            _completed.Add(key, sha256, published);
            return published;
        }

        if (note.Length is { } length && length != note.Offset)
        {
            throw new DiskChangeRefusedException(DiskChangeRefusal.Conflict, $"the upload has {note.Offset} of {length} bytes: it is not complete");
        }

        if (sha256 is not null)
        {
            await ThrowIfOtherAsync(disk, file.File, file.Length, sha256, turn, cancellationToken);
        }

        if (before is not null)
        {
            await before(cancellationToken);
        }

        // Opened again: the hash of a large file takes a while.
        using WatchedTree now = await disks.OpenAsync(disk.Id, cancellationToken);
        DiskFileFacts facts = await BlockingCalls.RunAsync(() =>
        {
            DiskFileFacts made = Publisher.Publish(now, staging, file, note.Replaces || replaces, SyncNames);
            UploadNote.Remove(staging, id);
            return made;
        });
        _completed.Add(key, sha256, facts);
        return facts;
    }

    public void Dispose()
    {
        HashPlaces.Dispose();
        foreach (SemaphoreSlim place in _ofOrganizations.Values)
        {
            place.Dispose();
        }
    }

    /// <summary>Finishes an upload whose file got its name from a request that did not come to its end; null when it did not.</summary>
    /// <param name="inode">The number of the file; 0: not known.</param>
    /// <param name="sync">Makes the names in a directory durable.</param>
    internal static DiskFileFacts? FindPublished(
        WatchedTree tree, Staging staging, string id, UploadNote note, DiskFilePath path, ulong inode, Action<SafeFileHandle> sync)
    {
        using SafeFileHandle? parent = Parents.TryOpen(tree, path.Parent, out _);
        if (parent is null || !IsPublished(parent, note, path, inode))
        {
            return null;
        }

        sync(parent);
        staging.Remove(id);
        UploadNote.Remove(staging, id);

        // Not before: with one name less it has another entity tag.
        LinuxFiles.ThrowIfFailed("statx", LinuxFiles.StatName(parent, path.Name, out FileStat there));
        return DiskFileFacts.Of(path, there);
    }

    /// <summary>The refusal for a file that has another name, but not that of its path.</summary>
    internal static DiskChangeRefusedException Linked() => new(
        DiskChangeRefusal.Conflict, "the upload's file has another name: it was completed and then renamed, or something else linked it. Abort the upload");

    private static bool IsPublished(SafeFileHandle parent, UploadNote note, DiskFilePath path, ulong inode) =>
        inode != 0 && Parents.TryExamine(parent, path, out FileStat there) && there.IsRegular && there.Identity.Inode == inode && there.Size == note.Offset;

    /// <summary>Opens the file of an upload under its path; null when it does not have its name.</summary>
    private static SafeFileHandle? OpenPublished(WatchedTree tree, UploadNote note, DiskFilePath path, ulong inode)
    {
        using SafeFileHandle? parent = Parents.TryOpen(tree, path.Parent, out _);
        if (parent is null || !IsPublished(parent, note, path, inode))
        {
            return null;
        }

        ChangeErrors.ThrowIfFailed("openat", LinuxFiles.OpenNamed(parent, path.Name, out SafeFileHandle? file), path);
        return file;
    }

    private async Task ThrowIfOtherAsync(Disk disk, SafeFileHandle file, long length, byte[] sha256, UploadTurn turn, CancellationToken cancellationToken)
    {
        if (!(await HashAsync(disk, file, length, turn, cancellationToken)).AsSpan().SequenceEqual(sha256))
        {
            throw new DiskChangeRefusedException(DiskChangeRefusal.Invalid, "the file does not have the SHA-256 that was named: it was not sent whole, or not in order");
        }
    }

    private async Task<byte[]> HashAsync(Disk disk, SafeFileHandle file, long length, UploadTurn turn, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, turn.Interrupted);
        try
        {
            SemaphoreSlim own = HashPlaceOf(disk.Organization);
            await own.WaitAsync(either.Token);
            try
            {
                await HashPlaces.WaitAsync(either.Token);
                try
                {
                    return await BlockingCalls.RunAsync(() => Hash(file, length, either.Token));
                }
                finally
                {
                    HashPlaces.Release();
                }
            }
            finally
            {
                own.Release();
            }
        }
        catch (OperationCanceledException) when (turn.Interrupted.IsCancellationRequested)
        {
            throw new DiskChangeRefusedException(DiskChangeRefusal.Conflict, "another request goes on with the upload");
        }
    }

    private static byte[] Hash(SafeFileHandle file, long length, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[1 << 20];
        for (long at = 0; at < length;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int read = RandomAccess.Read(file, buffer.AsSpan(0, (int)Math.Min(buffer.Length, length - at)), at);
            if (read == 0)
            {
                break;
            }

            hash.AppendData(buffer, 0, read);
            at += read;
        }

        return hash.GetHashAndReset();
    }
}
