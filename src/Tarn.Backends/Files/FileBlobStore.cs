using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.Win32.SafeHandles;
using Tarn.Core.Blobs;
using Tarn.Core.Files;
using Tarn.Core.Model;

namespace Tarn.Backends.Files;

/// <summary>
/// Stores blobs as files in a local directory: <c>ab/cd/abcd…</c> by the digits of the id, written under <c>tmp/</c> and
/// renamed into place, so that a file with its final name is complete. Paths are built from ids alone.
/// </summary>
public sealed class FileBlobStore : IBlobStore
{
    private const int IdDigits = 2 * Id128.Size;
    private const int SyncThreads = 8;
    private const string TailSuffix = ".sums";
    private const long DefaultReserveBytes = 256L << 20;

    private readonly string _root;
    private readonly string _temporary;

    // One flag for each of the 65,536 directories: whether its name is known to be on the device.
    private readonly bool[] _durableDirectories = new bool[1 << 16];

    // One for each of the 256 directories above those; creating one fails or succeeds for all callers that wait for it.
    private readonly Lock[] _making = [.. Enumerable.Range(0, 1 << 8).Select(_ => new Lock())];

    /// <summary>Opens the store, and removes temporary files that an earlier process left behind.</summary>
    /// <param name="root">The directory, created if missing. Only one process at a time may use it.</param>
    /// <param name="fsync">Whether a commit waits until the blob is on the device.</param>
    /// <param name="reserveBytes">Bytes on the device that blobs leave free for the metadata.</param>
    public FileBlobStore(string root, bool fsync, long reserveBytes = DefaultReserveBytes)
    {
        _root = Path.GetFullPath(root);
        _temporary = Path.Combine(_root, "tmp");
        SyncQueue = fsync ? new DiskThreads(SyncThreads) : null;
        if (fsync)
        {
            DurableDirectory.Create(_root);
        }

        Directory.CreateDirectory(_temporary);
        BlobReadErrors.Show();
        Reserve = new DiskReserve(_root, reserveBytes);
        foreach (string left in Directory.EnumerateFiles(_temporary))
        {
            File.Delete(left);
        }

        if (fsync)
        {
            FileSync.Directory(_root);
            FileSync.Directory(Path.GetDirectoryName(_root) ?? _root);
        }
    }

    /// <inheritdoc/>
    public ValueTask<IBlobWriter> CreateAsync(BlobId id, long? expectedLength, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Reserve.ThrowIfShort(expectedLength ?? 0);
        string name = id.ToString();
        return new(new FileBlobWriter(this, id, Path.Combine(_temporary, name), expectedLength));
    }

    /// <inheritdoc/>
    public ValueTask<IBlobReader?> OpenAsync(BlobId id, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return new(OpenBare(PathOf(id.ToString())));
        }
        catch (IOException)
        {
            BlobReadErrors.Count();
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask<BlobInfo?> FindAsync(BlobId id, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(Describe(new FileInfo(PathOf(id.ToString()))));
    }

    /// <inheritdoc/>
    public async ValueTask<bool> SealAsync(BlobId id, ReadOnlyMemory<byte> tail, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        string name = id.ToString();
        string path = PathOf(name);
        if (!File.Exists(path) || File.Exists(path + TailSuffix))
        {
            return false;
        }

        Reserve.ThrowIfShort(tail.Length);
        string temporary = Path.Combine(_temporary, name + TailSuffix);
        return await Task.Run(() => DiskFull.Guard(() => BlobTail.Write(temporary, path, path + TailSuffix, tail.Span)), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask DeleteAsync(BlobId id, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            // Not synced: a delete that a crash undoes leaves an orphan, which the orphan scan counts. The tail goes last: a reader that looks
            // for it first, and then opens the blob, never takes a sealed blob for a bare one.
            string path = PathOf(id.ToString());
            File.Delete(path);
            File.Delete(path + TailSuffix);
        }
        catch (DirectoryNotFoundException)
        {
            // Without the directory there is no blob with that id, as requested.
        }

        return default;
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<BlobInfo> ListAsync(CancellationToken cancellationToken) => ListAsync(0, cancellationToken);

    /// <inheritdoc/>
    public async IAsyncEnumerable<BlobInfo> ListAsync(int fromDirectory, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (string outer in Directories(_root, fromDirectory.ToString("x2", CultureInfo.InvariantCulture)))
        {
            foreach (string inner in Directories(outer, ""))
            {
                // A pass over millions of files yields the thread now and then.
                await Task.Yield();
                foreach (FileInfo file in new DirectoryInfo(inner).EnumerateFiles())
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    if (Describe(file) is BlobInfo info)
                    {
                        yield return info;
                    }
                }
            }
        }
    }

    /// <summary>Ends the threads that wait for the device.</summary>
    public ValueTask DisposeAsync()
    {
        SyncQueue?.Dispose();
        return default;
    }

    /// <summary>The threads on which writers wait for the device; null when the store does not sync.</summary>
    internal DiskThreads? SyncQueue { get; }

    /// <summary>The room that writers leave free.</summary>
    internal DiskReserve Reserve { get; }

    /// <summary>Moves a written file to its final name, durably if the store syncs.</summary>
    internal void Publish(string temporary, BlobId id)
    {
        string path = PathOf(id.ToString());
        string inner = Path.GetDirectoryName(path)!;
        int number = (int)(id.Value.High >> 48);
        if (!Volatile.Read(ref _durableDirectories[number]))
        {
            MakeDirectory(inner, number);
        }

        if (File.Exists(path))
        {
            throw new IOException($"The blob {id} already exists.");
        }

        File.Move(temporary, path, overwrite: true);
        if (SyncQueue is not null)
        {
            FileSync.Directory(inner);
        }
    }

    private void MakeDirectory(string path, int number)
    {
        if (SyncQueue is null)
        {
            Directory.CreateDirectory(path);
            Volatile.Write(ref _durableDirectories[number], true);
            return;
        }

        lock (_making[number >> 8])
        {
            if (!_durableDirectories[number])
            {
                DurableDirectory.CreateBelow(_root, path);
                Volatile.Write(ref _durableDirectories[number], true);
            }
        }
    }

    private static IEnumerable<string> Directories(string path, string from) => Directory.EnumerateDirectories(path, "??")
        .Where(directory => string.CompareOrdinal(Path.GetFileName(directory), from) >= 0)
        .Order(StringComparer.Ordinal);

    /// <summary>Opens a blob whose tail, if it has one, is in a file of its own; null when there is none.</summary>
    private static FileBlobReader? OpenBare(string path)
    {
        SafeFileHandle? tail = BlobCalls.TryOpen(path + TailSuffix);
        try
        {
            if (BlobCalls.TryOpen(path) is not { } file)
            {
                return null;
            }

            FileBlobReader reader = new(file, tail, isBare: tail is null);
            tail = null;
            return reader;
        }
        finally
        {
            tail?.Dispose();
        }
    }

    private static BlobInfo? Describe(FileInfo file)
    {
        if (file.Name.Length != IdDigits || !BlobId.TryParse(file.Name, out BlobId id) || id.ToString() != file.Name)
        {
            return null;
        }

        try
        {
            var tail = new FileInfo(file.FullName + TailSuffix);
            return new BlobInfo(
                id, file.Length + (tail.Exists ? tail.Length : 0), new DateTimeOffset(file.LastWriteTimeUtc, TimeSpan.Zero), IsBare: !tail.Exists);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null; // There is none, or it was deleted since the directory was read.
        }
    }

    private string PathOf(string name) => Path.Join(_root, name.AsSpan(0, 2), name.AsSpan(2, 2), name);
}
