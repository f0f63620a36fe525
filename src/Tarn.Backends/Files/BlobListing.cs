using System.Runtime.CompilerServices;
using Tarn.Core.Blobs;
using Tarn.Core.Files;

namespace Tarn.Backends.Files;

/// <summary>Lists the blobs of a store, wherever they are.</summary>
internal static class BlobListing
{
    /// <summary>So many entries are read before other work on the thread gets its turn.</summary>
    private const int Run = 1000;

    /// <summary>So many failures in a directory are named.</summary>
    private const int MaxFailures = 100;

    /// <summary>Lists from one <see cref="BlobId.Directory"/> on, directory by directory.</summary>
    /// <param name="places">Where the blobs are.</param>
    /// <param name="from">The first directory.</param>
    /// <param name="mayMiss">Whether directories may be missing, as on a copy of a store: they then count as empty.</param>
    /// <param name="cancellationToken">Cancels the listing.</param>
    /// <exception cref="IOException">Files or directories cannot be examined. It is thrown behind the last blob of their directory that can be.</exception>
    public static async IAsyncEnumerable<BlobInfo> RunAsync(BlobPlaces places, int from, bool mayMiss, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        int read = 0;
        for (int number = from; number < BlobPlaces.Directories; number++)
        {
            var failures = new List<string>();
            foreach (FileInfo file in Files(places.DirectoryOf(number), mayMiss, failures))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (++read % Run == 0)
                {
                    await Task.Yield();
                }

                if (BlobPlaces.IsBlob(file.Name, out BlobId id) && id.Directory == number && TryDescribe(places, id, failures) is { } info)
                {
                    yield return info;
                }
            }

            if (failures.Count > 0)
            {
                throw new IOException(string.Join("; ", failures));
            }
        }
    }

    private static BlobInfo? TryDescribe(BlobPlaces places, BlobId id, List<string> failures)
    {
        try
        {
            return Describe(places, id);
        }
        catch (IOException e)
        {
            Add(failures, e);
            return null;
        }
    }

    /// <summary>Describes a blob; null when there is none.</summary>
    /// <exception cref="IOException">It cannot be known.</exception>
    public static BlobInfo? Describe(BlobPlaces places, BlobId id)
    {
        // One in two files may get its new form, in one, between two looks.
        return DescribeWhole(places, id) ?? DescribeBare(places, id) ?? DescribeWhole(places, id);
    }

    private static BlobInfo? DescribeWhole(BlobPlaces places, BlobId id) =>
        BlobCalls.TryStat(places.PathOf(id)) is { } file ? new BlobInfo(id, file.Size, file.Modified.ToTime()) : null;

    private static BlobInfo? DescribeBare(BlobPlaces places, BlobId id)
    {
        // The tail first, as a reader does: a delete removes it last, so a sealed blob that is deleted meanwhile is not taken for a bare one.
        string bare = places.BarePathOf(id);
        FileStat? sealing = BlobCalls.TryStat(bare + BlobPlaces.TailSuffix);
        if (BlobCalls.TryStat(bare) is not { } payload)
        {
            return null;
        }

        // Again, since one that is brought back gets its tail before its bytes.
        sealing ??= BlobCalls.TryStat(bare + BlobPlaces.TailSuffix);
        return sealing is { } tail
            ? new BlobInfo(id, payload.Size + tail.Size, payload.Modified.ToTime(), TailAt: payload.Size)
            : new BlobInfo(id, payload.Size, payload.Modified.ToTime(), IsBare: true);
    }

    /// <summary>The files of a directory, and of the directories in it where older builds put blobs.</summary>
    private static IEnumerable<FileInfo> Files(string path, bool mayMiss, List<string> failures)
    {
        foreach (FileSystemInfo entry in Entries(path, mayMiss, failures))
        {
            if (entry is FileInfo file)
            {
                yield return file;
            }
            else if (entry.Name.Length == 2)
            {
                foreach (FileInfo bare in Entries(entry.FullName, mayMiss, failures).OfType<FileInfo>())
                {
                    yield return bare;
                }
            }
        }
    }

    private static IEnumerable<FileSystemInfo> Entries(string path, bool mayMiss, List<string> failures)
    {
        using IEnumerator<FileSystemInfo>? entries = Begin(path, mayMiss, failures);
        while (entries is not null && MoveNext(entries, failures))
        {
            yield return entries.Current;
        }
    }

    private static IEnumerator<FileSystemInfo>? Begin(string path, bool mayMiss, List<string> failures)
    {
        try
        {
            return new DirectoryInfo(path).EnumerateFileSystemInfos().GetEnumerator();
        }
        catch (DirectoryNotFoundException) when (mayMiss && BlobCalls.TryStat(path) is null)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Add(failures, e);
            return null;
        }
    }

    private static bool MoveNext(IEnumerator<FileSystemInfo> entries, List<string> failures)
    {
        try
        {
            return entries.MoveNext();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Add(failures, e);
            return false;
        }
    }

    private static void Add(List<string> failures, Exception e)
    {
        if (failures.Count < MaxFailures)
        {
            failures.Add(e.Message);
        }
    }
}
