using System.Buffers;
using Tarn.Backends.Files;
using Tarn.Backends.RocksDb;
using Tarn.Backends.RocksDb.Interop;
using Tarn.Core;
using Tarn.Core.Blobs;
using Tarn.Core.KeyValue;
using Tarn.Core.Mirroring;
using Tarn.TestKit.Contracts;
using Tarn.TestKit.Servers;

namespace Tarn.Backends.Tests;

/// <summary>The contract of the metadata over two RocksDB databases.</summary>
public sealed class MirroredRocksDbTests : KeyValueStoreContract
{
    private readonly MirroredDirectories _directories = new();

    protected override int ModelOperations => 2000;

    protected override async ValueTask<IKeyValueStore> OpenAsync() => (await _directories.OpenAsync()).Metadata;

    protected override ValueTask CleanUpAsync()
    {
        _directories.Dispose();
        return default;
    }
}

/// <summary>The contract of blobs over two directories of files.</summary>
public sealed class MirroredFilesTests : BlobStoreContract
{
    private readonly MirroredDirectories _directories = new();

    protected override async ValueTask<IBlobStore> OpenAsync() => (await _directories.OpenAsync()).Blobs;

    protected override async ValueTask AddBareAsync(BlobId id, byte[] payload)
    {
        await using IBlobWriter writer = await Store.CreateCopyAsync(id, payload.Length, isBare: true, default);
        await writer.WriteAsync(new ReadOnlySequence<byte>(payload), default);
        await writer.CommitAsync(default);
    }

    protected override ValueTask CleanUpAsync()
    {
        _directories.Dispose();
        return default;
    }
}

internal sealed class MirroredDirectories : IDisposable, IMirrorEvents
{
    private readonly TemporaryDirectory _directory = new("mirrored");
    private readonly TaskCompletionSource _filled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Opens the mirror, and waits until both sides have everything.</summary>
    public async Task<Mirror> OpenAsync()
    {
        Mirror mirror = await Mirror.OpenAsync(
            new Side(_directory.PathOf("data")),
            new Side(_directory.PathOf("mirror")),
            new MirrorOptions { Time = TimeProvider.System, Random = SystemRandomSource.Instance, Events = this },
            default);
        await _filled.Task;
        Assert.All(mirror.Status, static side => Assert.Equal(MirrorSideState.Whole, side.State));
        return mirror;
    }

    public void Dispose() => _directory.Dispose();

    public void Filled(string side, string other, MirrorProgress done) => _filled.SetResult();

    public void FillBegan(string side, string other)
    {
    }

    public void Lost(string side, string other, Exception cause) => _filled.TrySetException(cause);

    public void Missing(string side, string other, Exception cause) => _filled.TrySetException(cause);

    public void CaughtUp(string side, string other) => _filled.TrySetException(new InvalidOperationException("A clean end leaves nothing to catch up."));

    public void FillFailed(string side, Exception cause, TimeSpan again) => _filled.TrySetException(cause);

    public void Healed(string side, BlobId blob, long bytes) => _filled.TrySetException(new InvalidOperationException("Nothing is damaged."));

    public void HealFailed(string side, BlobId blob, Exception cause) => _filled.TrySetException(cause);

    public void Failed(Exception cause) => _filled.TrySetException(cause);

    private sealed class Side(string path) : MirrorSide
    {
        private string MarkPath => Path.Combine(path, "mirror");

        public override string Name => path;

        public override MirrorLook Look() => File.Exists(MarkPath) ? new MirrorLook(MirrorMark.Decode(File.ReadAllBytes(MarkPath)), false) : new MirrorLook(null, true);

        public override void Enter() => Directory.CreateDirectory(path);

        public override void WriteMark(MirrorMark mark) => File.WriteAllBytes(MarkPath, mark.Encode());

        public override ValueTask<MirrorStores> OpenAsync(bool replaceMetadata, CancellationToken cancellationToken) => new(new MirrorStores(
            RocksDbKeyValueStore.Open(Path.Combine(path, "meta"), new RocksDbOptions { SyncWrites = false, ReserveBytes = 0 }),
            new FileBlobStore(Path.Combine(path, "blobs"), fsync: false, reserveBytes: 0)));

        public override void KeepOrphans(string reason)
        {
        }

        public override void TakeFiles(MirrorSide from)
        {
        }

        public override void Leave()
        {
        }
    }
}
