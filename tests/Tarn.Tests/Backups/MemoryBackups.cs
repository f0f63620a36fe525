using System.Buffers;
using System.Security.Cryptography;
using Tarn.Core.Backups;
using Tarn.Core.Blobs;

namespace Tarn.Tests.Backups;

/// <summary>A place of backups in memory, which can fail or be interrupted at any step.</summary>
internal sealed class MemoryBackups : IBackupTarget
{
    private readonly SortedDictionary<string, byte[]> _manifests = new(StringComparer.Ordinal);
    private readonly Dictionary<string, byte[]> _files = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _unfinished = new(StringComparer.Ordinal);
    private int _steps;

    public MemoryBackups(TimeProvider clock)
    {
        Stored = new MemoryBlobStore(clock);
        Blobs = new SteppedBlobs(Stored, StepAsync, () => Listings++, () => Removing?.Invoke() ?? Task.CompletedTask);
    }

    /// <summary>What it has.</summary>
    public MemoryBlobStore Stored { get; }

    /// <summary>Is told of each step before it is done, with its number from 1.</summary>
    public Func<int, ValueTask>? Stepped { get; set; }

    /// <summary>How many steps were begun.</summary>
    public int Steps => _steps;

    /// <summary>How many listings of blobs were begun.</summary>
    public int Listings { get; private set; }

    public string Place => "memory";

    public IBlobStore Blobs { get; }

    public bool TrustsListing => false;

    public string CreateScratch() => Directory.CreateTempSubdirectory("tarn-backup-").FullName;

    public IReadOnlyDictionary<string, byte[]> Files => _files;

    public async ValueTask<(long Length, string Sha256, bool IsNew)> AddAsync(FileStream content, bool mayShare, CancellationToken cancellationToken)
    {
        await StepAsync();
        using var bytes = new MemoryStream();
        await content.CopyToAsync(bytes, cancellationToken);
        string sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes.ToArray()));
        return (bytes.Length, sha256, _files.TryAdd(sha256, bytes.ToArray()));
    }

    public ValueTask<bool> HasAsync(string sha256, long length, CancellationToken cancellationToken) => new(_files.ContainsKey(sha256));

    public ValueTask<Stream?> OpenAsync(string sha256, CancellationToken cancellationToken) =>
        new(_files.TryGetValue(sha256, out byte[]? bytes) ? new MemoryStream(bytes) : null);

    public ValueTask<Stream?> OpenListAsync(string sha256, CancellationToken cancellationToken) => OpenAsync(sha256, cancellationToken);

    public bool Takes(long length, long allocated) => true;

    public async ValueTask<bool> FetchAsync(string sha256, string path, CancellationToken cancellationToken)
    {
        await File.WriteAllBytesAsync(path, _files[sha256], cancellationToken);
        return true;
    }

    public async IAsyncEnumerable<string> ListAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        foreach (string file in _files.Keys.ToArray())
        {
            yield return file;
        }
    }

    public async ValueTask RemoveAsync(string sha256, CancellationToken cancellationToken)
    {
        await StepAsync();
        _files.Remove(sha256);
    }

    public async ValueTask BeginAsync(string name, CancellationToken cancellationToken)
    {
        await StepAsync();
        _unfinished.Add(name);
    }

    public async ValueTask EndAsync(string name, CancellationToken cancellationToken)
    {
        await StepAsync();
        _unfinished.Remove(name);
    }

    public ValueTask<IReadOnlyList<string>> NotesAsync(CancellationToken cancellationToken) => new([.. _unfinished]);

    /// <summary>Whether a manifest was written.</summary>
    public bool HasManifest => _manifests.Count > 0;

    /// <summary>Is told before a blob is removed.</summary>
    public Func<Task>? Removing { get; set; }

    /// <summary>Whether somebody reads a backup.</summary>
    public bool IsRead { get; set; }

    public bool TryLockOutReaders(out IDisposable? alone)
    {
        alone = null;
        return !IsRead;
    }

    public ValueTask<IReadOnlyList<string>> NamesAsync(CancellationToken cancellationToken) => new([.. _manifests.Keys]);

    /// <summary>The backup whose manifest cannot be read; null when all can.</summary>
    public string? Unreadable { get; set; }

    /// <summary>How many manifests were read.</summary>
    public int ManifestsRead { get; private set; }

    public ValueTask<byte[]?> ReadManifestAsync(string name, CancellationToken cancellationToken)
    {
        ManifestsRead++;
        return name == Unreadable ? throw new IOException("the device fails") : new(_manifests.GetValueOrDefault(name));
    }

    public async ValueTask WriteManifestAsync(string name, byte[] content, CancellationToken cancellationToken)
    {
        await StepAsync();
        _manifests.Add(name, content);
    }

    public async ValueTask RemoveManifestAsync(string name, CancellationToken cancellationToken)
    {
        await StepAsync();
        _manifests.Remove(name);
    }

    public ValueTask DisposeAsync() => default;

    private ValueTask StepAsync()
    {
        int step = Interlocked.Increment(ref _steps);
        return Stepped?.Invoke(step) ?? default;
    }

    /// <summary>A blob that is written takes the place of the one that is there.</summary>
    /// <remarks>Whether what follows a commit is done is a step of its own.</remarks>
    private sealed class Replacing(IBlobWriter writer, Func<ValueTask> remove, Func<ValueTask> step) : IBlobWriter
    {
        public ValueTask WriteAsync(ReadOnlySequence<byte> data, CancellationToken cancellationToken) => writer.WriteAsync(data, cancellationToken);

        public async ValueTask CommitAsync(CancellationToken cancellationToken)
        {
            await remove();
            await writer.CommitAsync(cancellationToken);
            await step();
        }

        public ValueTask DisposeAsync() => writer.DisposeAsync();
    }

    private sealed class SteppedBlobs(MemoryBlobStore blobs, Func<ValueTask> step, Action listed, Func<Task> removing) : IBlobStore
    {
        public async ValueTask<IBlobWriter> CreateAsync(BlobId id, long? expectedLength, CancellationToken cancellationToken)
        {
            await step();
            return new Replacing(await blobs.CreateAsync(id, expectedLength, cancellationToken), () => blobs.DeleteAsync(id, CancellationToken.None), step);
        }

        public async ValueTask<IBlobWriter> CreateCopyAsync(BlobId id, long length, bool isBare, CancellationToken cancellationToken)
        {
            await step();
            return new Replacing(await blobs.CreateCopyAsync(id, length, isBare, cancellationToken), () => blobs.DeleteAsync(id, CancellationToken.None), step);
        }

        public ValueTask<IBlobReader?> OpenAsync(BlobId id, CancellationToken cancellationToken) => blobs.OpenAsync(id, cancellationToken);

        public ValueTask<BlobInfo?> FindAsync(BlobId id, CancellationToken cancellationToken) => blobs.FindAsync(id, cancellationToken);

        public ValueTask<bool> SealAsync(BlobId id, ReadOnlyMemory<byte> tail, CancellationToken cancellationToken) => blobs.SealAsync(id, tail, cancellationToken);

        public async ValueTask DeleteAsync(BlobId id, CancellationToken cancellationToken)
        {
            await step();
            await removing();
            await blobs.DeleteAsync(id, cancellationToken);
        }

        public IAsyncEnumerable<BlobInfo> ListAsync(CancellationToken cancellationToken) => ListAsync(0, cancellationToken);

        public IAsyncEnumerable<BlobInfo> ListAsync(int fromDirectory, CancellationToken cancellationToken)
        {
            listed();
            return blobs.ListAsync(fromDirectory, cancellationToken);
        }

        public ValueTask DisposeAsync() => default;
    }
}
