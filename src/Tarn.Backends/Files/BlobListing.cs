using System.Runtime.CompilerServices;
using Tarn.Core.Blobs;

namespace Tarn.Backends.Files;

/// <summary>Lists the blobs of a store, wherever they are.</summary>
internal static class BlobListing
{
    /// <summary>So many entries are read before other work on the thread gets its turn.</summary>
    private const int Run = 1000;

    /// <summary>Lists from one <see cref="BlobId.Directory"/> on, directory by directory.</summary>
    public static async IAsyncEnumerable<BlobInfo> RunAsync(BlobPlaces places, int from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        int read = 0;
        for (int number = from; number < BlobPlaces.Directories; number++)
        {
            foreach (FileInfo file in Files(places.DirectoryOf(number)))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (++read % Run == 0)
                {
                    await Task.Yield();
                }

                if (BlobPlaces.IsBlob(file.Name, out BlobId id) && id.Directory == number && Describe(places, id) is { } info)
                {
                    yield return info;
                }
            }
        }
    }

    /// <summary>Describes a blob; null when there is none.</summary>
    /// <exception cref="IOException">It cannot be known.</exception>
    public static BlobInfo? Describe(BlobPlaces places, BlobId id)
    {
        if (BlobCalls.TryStat(places.PathOf(id)) is { } file)
        {
            return new BlobInfo(id, file.Size, file.Modified.ToTime());
        }

        string bare = places.BarePathOf(id);
        if (BlobCalls.TryStat(bare) is not { } payload)
        {
            return null;
        }

        return BlobCalls.TryStat(bare + BlobPlaces.TailSuffix) is { } tail
            ? new BlobInfo(id, payload.Size + tail.Size, payload.Modified.ToTime(), TailAt: payload.Size)
            : new BlobInfo(id, payload.Size, payload.Modified.ToTime(), IsBare: true);
    }

    /// <summary>The files of a directory, and of the directories in it where older builds put blobs.</summary>
    private static IEnumerable<FileInfo> Files(string path)
    {
        foreach (FileSystemInfo entry in Entries(path))
        {
            if (entry is FileInfo file)
            {
                yield return file;
            }
            else if (entry.Name.Length == 2)
            {
                foreach (FileInfo bare in Entries(entry.FullName).OfType<FileInfo>())
                {
                    yield return bare;
                }
            }
        }
    }

    private static IEnumerable<FileSystemInfo> Entries(string path) => new DirectoryInfo(path).EnumerateFileSystemInfos();
}
