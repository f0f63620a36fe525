using System.Collections.Concurrent;
using Tarn.Core;
using Tarn.Core.Blobs;
using Tarn.Core.Mirroring;
using Tarn.TestKit.Stores;

namespace Tarn.Tests.Mirroring;

/// <summary>A mirror over any two pairs of stores, and which blobs it healed.</summary>
internal sealed class MirroredStores : IMirrorEvents
{
    private readonly ConcurrentDictionary<BlobId, TaskCompletionSource<string>> _healed = new();
    private volatile TaskCompletionSource _filled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Mirror Mirror { get; private set; } = null!;

    /// <summary>Whether the leading side was given up.</summary>
    public bool HasLostLead { get; private set; }

    /// <summary>Opens a new mirror and waits until both sides count.</summary>
    public static async Task<MirroredStores> OpenAsync(MirrorStores data, MirrorStores mirror)
    {
        var made = new MirroredStores();
        made.Mirror = await Mirror.OpenAsync(
            new Side("data", data),
            new Side("mirror", mirror),
            new MirrorOptions { Time = TimeProvider.System, Random = SystemRandomSource.Instance, Events = made, RetryAfter = TimeSpan.FromDays(1) },
            CancellationToken.None);
        await made._filled.Task;
        return made;
    }

    /// <summary>Completes with the side on which a blob was rewritten.</summary>
    public Task<string> WhenHealed(BlobId blob) => Of(blob).Task.WaitAsync(TimeSpan.FromMinutes(1));

    /// <summary>Has a side that was given up filled again.</summary>
    public async Task RefillAsync()
    {
        Mirror.Retry();
        await _filled.Task.WaitAsync(TimeSpan.FromMinutes(1));
        HasLostLead = false;
    }

    public void Lost(string side, string other, Exception cause)
    {
        _filled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        HasLostLead |= side == "data";
    }

    public void Missing(string side, string other, Exception cause) => Assert.Fail(cause.ToString());

    public void CaughtUp(string side, string other) => Assert.Fail("Nothing crashed.");

    public void FillBegan(string side, string other)
    {
    }

    public void Filled(string side, string other, MirrorProgress done) => _filled.SetResult();

    public void FillFailed(string side, Exception cause, TimeSpan again) => _filled.TrySetException(cause);

    public void Healed(string side, BlobId blob, long bytes) => Of(blob).TrySetResult(side);

    public void HealFailed(string side, BlobId blob, Exception cause) => Of(blob).TrySetException(cause);

    public void Failed(Exception cause) => _filled.TrySetException(cause);

    private TaskCompletionSource<string> Of(BlobId blob) =>
        _healed.GetOrAdd(blob, static _ => new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously));

    /// <summary>Stores that stay open while the mirror opens and closes them.</summary>
    private sealed class Side(string name, MirrorStores stores) : MirrorSide
    {
        private MirrorMark? _mark;

        public override string Name => name;

        public override MirrorLook Look() => new(_mark, IsEmpty: _mark is null);

        public override void Enter()
        {
        }

        public override void WriteMark(MirrorMark mark) => _mark = mark;

        public override void KeepOrphans(string reason)
        {
        }

        public override ValueTask<MirrorStores> OpenAsync(bool replaceMetadata, CancellationToken cancellationToken) =>
            new(new MirrorStores(new KeptRows(stores.Metadata), new KeptBlobs(stores.Blobs)));

        public override void TakeFiles(MirrorSide from)
        {
        }

        public override void Leave()
        {
        }
    }

    private sealed class KeptBlobs(IBlobStore inner) : IBlobStore, ISetAsideStore, IReplacingBlobs
    {
        private readonly ISetAsideStore _aside = (ISetAsideStore)inner;

        public ValueTask<bool> SetAsideAsync(BlobId id, CancellationToken cancellationToken) => _aside.SetAsideAsync(id, cancellationToken);

        public ValueTask<bool> BringBackAsync(BlobId id, CancellationToken cancellationToken) => _aside.BringBackAsync(id, cancellationToken);

        public ValueTask DropAsideAsync(BlobId id, CancellationToken cancellationToken) => _aside.DropAsideAsync(id, cancellationToken);

        public ValueTask<IBlobReader?> OpenAsideAsync(BlobId id, CancellationToken cancellationToken) => _aside.OpenAsideAsync(id, cancellationToken);

        public IAsyncEnumerable<BlobInfo> ListAsideAsync(CancellationToken cancellationToken) => _aside.ListAsideAsync(cancellationToken);

        public ValueTask<IBlobWriter> CreateAsync(BlobId id, long? expectedLength, CancellationToken cancellationToken) => inner.CreateAsync(id, expectedLength, cancellationToken);

        public ValueTask<IBlobWriter> CreateCopyAsync(BlobId id, long length, bool isBare, CancellationToken cancellationToken) =>
            inner.CreateCopyAsync(id, length, isBare, cancellationToken);

        public ValueTask<IBlobWriter> CreateReplacementAsync(
            BlobId id, long length, Func<BlobStamp, bool> mayReplace, Func<IBlobReader, ValueTask<bool>> isWritten, CancellationToken cancellationToken) =>
            ((IReplacingBlobs)inner).CreateReplacementAsync(id, length, mayReplace, isWritten, cancellationToken);

        public ValueTask<IBlobReader?> OpenAsync(BlobId id, CancellationToken cancellationToken) => inner.OpenAsync(id, cancellationToken);

        public ValueTask<BlobInfo?> FindAsync(BlobId id, CancellationToken cancellationToken) => inner.FindAsync(id, cancellationToken);

        public ValueTask<bool> SealAsync(BlobId id, ReadOnlyMemory<byte> tail, CancellationToken cancellationToken) => inner.SealAsync(id, tail, cancellationToken);

        public ValueTask DeleteAsync(BlobId id, CancellationToken cancellationToken) => inner.DeleteAsync(id, cancellationToken);

        public IAsyncEnumerable<BlobInfo> ListAsync(CancellationToken cancellationToken) => inner.ListAsync(cancellationToken);

        public IAsyncEnumerable<BlobInfo> ListAsync(int fromDirectory, CancellationToken cancellationToken) => inner.ListAsync(fromDirectory, cancellationToken);

        public ValueTask DisposeAsync() => default;
    }
}
