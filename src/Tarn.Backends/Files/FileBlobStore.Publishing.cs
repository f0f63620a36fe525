using Microsoft.Win32.SafeHandles;
using Tarn.Core.Blobs;
using Tarn.Core.Files;

namespace Tarn.Backends.Files;

/// <content>How a file that is written gets the name of its blob.</content>
public sealed partial class FileBlobStore
{
    /// <summary>
    /// Gives a written file its final name, and makes both durable if the store syncs. The name comes first: the file system's journal then has the
    /// name when it is written for the file's sync, and the directory's sync finds nothing left to write. That a build before layout 1 used the id is
    /// not looked for: ids are random.
    /// </summary>
    /// <exception cref="IOException">It failed, and the file does not have the name.</exception>
    private void Publish(string temporary, BlobId id, SafeFileHandle file)
    {
        if (Replaces)
        {
            PublishCopy(temporary, id, isBare: false, file);
            return;
        }

        string path = _places.PathOf(id);
        if (!BlobCalls.TryRename(temporary, path))
        {
            throw new IOException($"The blob {id} already exists.");
        }

        try
        {
            if (SyncsEach)
            {
                FileSync.File(file, path);
            }

            FileSync.Close(file, path);
            if (SyncsEach)
            {
                FileSync.Directory(Path.GetDirectoryName(path)!);
            }
        }
        catch (IOException failure)
        {
            BlobCalls.UnlinkAfter(failure, path);
            throw;
        }
    }

    /// <summary>
    /// Puts a written copy in the place of what is there. It is synced before it has the name, unlike a new blob: what it replaces may still be good for something.
    /// </summary>
    /// <exception cref="IOException">It failed; the old file or the new one has the name.</exception>
    private void PublishCopy(string temporary, BlobId id, bool isBare, SafeFileHandle file)
    {
        if (SyncsEach)
        {
            FileSync.File(file, temporary);
        }

        FileSync.Close(file, temporary);
        if (isBare)
        {
            CreateBareDirectory(id);
        }

        Replace(temporary, id, isBare, SyncsEach);
    }

    /// <summary>Puts a file that its writer has synced and read back in the place of a damaged blob, if that is the one that it was made of.</summary>
    /// <exception cref="IOException">It failed; the old file or the new one has the name.</exception>
    private void PublishReplacement(string temporary, BlobId id, SafeFileHandle file, Func<BlobStamp, bool> mayReplace)
    {
        FileSync.Close(file, temporary);
        using (FileBlobReader? old = TryOpen(id))
        {
            if (old is null || !mayReplace(old.Stamp))
            {
                throw new BlobKeptException($"The blob {id} must not be replaced: it is another one by now, or gone, or needed as it is.");
            }
        }

        // Synced however the store commits others: what takes the place of data that rows refer to must never be less durable than that was.
        Replace(temporary, id, isBare: false, syncs: true);
    }

    private void Replace(string temporary, BlobId id, bool isBare, bool syncs)
    {
        string bare = _places.BarePathOf(id);
        string path = isBare ? bare : _places.PathOf(id);
        BlobCalls.Replace(temporary, path);
        if (syncs)
        {
            FileSync.Directory(Path.GetDirectoryName(path)!);
        }

        if (isBare)
        {
            // What is there under the blob's other names would be found first.
            BlobCalls.TryUnlink(bare + BlobPlaces.TailSuffix);
            BlobCalls.TryUnlink(_places.PathOf(id));
        }
        else if (BlobCalls.TryUnlink(bare))
        {
            // The bytes first: without their tail they would be taken for a blob that has no checksums.
            BlobCalls.TryUnlink(bare + BlobPlaces.TailSuffix);
        }
    }

    /// <summary>Creates a directory as builds before layout 1 did, with the first blob in it.</summary>
    private void CreateBareDirectory(BlobId id)
    {
        string directory = Path.GetDirectoryName(_places.BarePathOf(id))!;
        if (SyncQueue is null)
        {
            Directory.CreateDirectory(directory);
            return;
        }

        // Its name is synced also if it exists: a process that died may have created it without syncing.
        DurableDirectory.Create(directory);
        FileSync.Directory(_places.DirectoryOf(id.Directory));
    }
}
