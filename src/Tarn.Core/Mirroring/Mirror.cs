using Tarn.Core.Blobs;
using Tarn.Core.KeyValue;

namespace Tarn.Core.Mirroring;

/// <summary>
/// Keeps everything twice: each commit and each blob is on both sides before it is answered. When a side fails the other goes on, after it has
/// recorded that it does; a side that comes back is filled before it counts. docs/design/mirror.md has the reasons.
/// </summary>
public sealed partial class Mirror : IAsyncDisposable
{
    private readonly MirrorOptions _options;
    private readonly MirrorSide[] _sides;
    private readonly MirrorCommitter _committer;
    private readonly MirrorKeeper _keeper;
    private readonly MirroredKeyValueStore _metadata;
    private readonly MirroredBlobStore _blobs;
    private readonly Lock _joining = new();
    private volatile MirrorView _view = null!;
    private volatile Exception? _failure;
    private MirrorPosition _position = MirrorPosition.None;

    // What the leading side's mark says. Changed between two groups, or by the one that writes.
    private volatile MirrorMark _mark = null!;
    private int _disposed;

    private Mirror(MirrorSide[] sides, MirrorOptions options)
    {
        _sides = sides;
        _options = options;
        _metadata = new MirroredKeyValueStore(this);
        _blobs = new MirroredBlobStore(this);
        _committer = new MirrorCommitter(_metadata, HasRoom, WriteAsync);
        _keeper = new MirrorKeeper(this, sides, options);
    }

    /// <summary>The metadata, on both sides.</summary>
    public IKeyValueStore Metadata => _metadata;

    /// <summary>The blobs, on both sides; also an <see cref="IBlobRepair"/>.</summary>
    public IBlobStore Blobs => _blobs;

    /// <summary>The side that answers reads.</summary>
    public MirrorSide Lead => _view.Lead.Side;

    /// <summary>Its blobs.</summary>
    public IBlobStore LeadingBlobs => _view.Lead.Blobs;

    /// <summary>The state of both sides.</summary>
    public IReadOnlyList<MirrorSideStatus> Status => _keeper.Status();

    internal MirrorCommitter Committer => _committer;

    internal MirrorView View => _view;

    internal MirrorOptions Options => _options;

    internal MirroredBlobStore BlobStore => _blobs;

    /// <summary>The mark of the leading side.</summary>
    internal MirrorMark Mark => _mark;

    /// <summary>Whether no side is left that accepts writes.</summary>
    internal bool HasFailed => _failure is not null;

    /// <summary>Opens the mirror, and begins to fill the side that needs it.</summary>
    /// <param name="data">The side that leads if both have everything.</param>
    /// <param name="mirror">The other side.</param>
    /// <param name="options">How it is opened and kept.</param>
    /// <param name="cancellationToken">Cancels the opening.</param>
    /// <exception cref="MirrorRefusedException">No side is known to have everything that was answered.</exception>
    /// <exception cref="IOException">The side that has everything cannot be opened.</exception>
    public static async Task<Mirror> OpenAsync(MirrorSide data, MirrorSide mirror, MirrorOptions options, CancellationToken cancellationToken)
    {
        var opening = new MirrorOpening([data, mirror], options);
        Mirror? opened = null;
        try
        {
            MirrorOpened found = await opening.RunAsync(cancellationToken);
            opened = new Mirror([data, mirror], options) { _view = found.View, _mark = found.Mark, _position = found.Position };
            opened._committer.Start();
            opened._keeper.Start(found.Missing);
            return opened;
        }
        finally
        {
            if (opened is null)
            {
                await opening.CloseAsync();
            }
        }
    }

    /// <summary>Gives the other side what the leading one has besides the stores, once that is complete.</summary>
    /// <exception cref="StoreFailedException">Neither side can be written.</exception>
    public async Task ShareFilesAsync()
    {
        // A side that is filled later takes them then.
        MirrorView view = _view;
        if (view.Second is { } second)
        {
            try
            {
                second.Side.TakeFiles(view.Lead.Side);
            }
            catch (Exception e) when (MirrorCopy.IsOwn(e))
            {
                await LoseAsync(e is MirrorSourceException ? view.Lead : second, e);
            }
        }
    }

    /// <summary>Gives up a side because of a failure of what belongs to it besides its stores. Does nothing if it is not in use.</summary>
    /// <returns>False if no other side has everything, so that the failure is the caller's.</returns>
    /// <exception cref="StoreFailedException">The other side failed as well.</exception>
    public async Task<bool> LoseAsync(MirrorSide side, Exception cause)
    {
        MirrorView view = _view;
        MirrorCopy? copy = view.Lead.Side == side ? view.Lead : view.Second?.Side == side ? view.Second : null;
        return copy is null || await LoseAsync(copy, cause);
    }

    /// <summary>Tries a lost side again now.</summary>
    public void Retry() => _keeper.Retry();

    /// <summary>Finishes what was submitted, and closes both sides.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _keeper.StopAsync();
        await _blobs.CloseAsync();
        await _committer.CloseAsync();
        await _keeper.DisposeAsync();
        MirrorView view = _view;
        foreach (MirrorCopy copy in view.Second is null ? [view.Lead] : (MirrorCopy[])[view.Lead, view.Second])
        {
            await copy.CloseAsync();
        }

        foreach (MirrorSide side in _sides)
        {
            side.Leave();
        }
    }

    /// <summary>
    /// Gives up a copy because of a failure, so that the other one goes on alone: when the task completes, the other side has recorded that.
    /// </summary>
    /// <param name="copy">The copy that failed.</param>
    /// <param name="cause">The failure.</param>
    /// <param name="note">Makes, from the number of the lost side, a row for the other one, of what the lost one may lack or have too much; null for none.</param>
    /// <returns>False if no other copy has everything, so that the failure is the caller's.</returns>
    /// <exception cref="StoreFailedException">The other side failed as well.</exception>
    internal Task<bool> LoseAsync(MirrorCopy copy, Exception cause, Func<ulong, byte[]>? note = null) => _committer.BetweenAsync(async () =>
    {
        ThrowIfFailed();
        bool isInUse = copy == _view.Lead || copy == _view.Second;
        if (copy == _view.Lead && _view.Twin is null || isInUse && cause is ObjectDisposedException)
        {
            // Nobody closes a side in use: what was closed is the caller's.
            return false;
        }

        GiveUp(copy, cause);
        if (note is not null)
        {
            await WriteAsync(new KeyValueBatch().Put(note(_mark.Partner), []).AsRemoval());
        }

        return true;
    });

    /// <summary>Writes rows of the mirror's own.</summary>
    internal Task<bool> NoteAsync(byte[] row) => _committer.SubmitAsync(new KeyValueBatch().Put(row, []).AsRemoval());

    /// <summary>Gives up a copy because a read of it failed that the other one answered. Does not wait.</summary>
    internal void ReportRead(MirrorCopy copy, Exception cause) => _ = LoseReadAsync(copy, cause);

    /// <summary>Runs <paramref name="act"/> while no copy begins to count.</summary>
    internal T WhileNotJoining<T>(Func<MirrorView, T> act)
    {
        lock (_joining)
        {
            return act(_view);
        }
    }

    private async Task LoseReadAsync(MirrorCopy copy, Exception cause)
    {
        try
        {
            await LoseAsync(copy, cause);
        }
        catch (Exception e) when (e is StoreFailedException or ObjectDisposedException)
        {
            // The read was answered. That both sides failed has been reported, and a mirror that is closed has no sides.
        }
    }

    private long Now() => _options.Time.GetUtcNow().ToUnixTimeMilliseconds();

    private void ThrowIfFailed()
    {
        if (_failure is { } failure)
        {
            throw new StoreFailedException("The metadata store refuses writes because an earlier one failed on both sides of the mirror.", failure);
        }
    }

    private StoreFailedException Fail(Exception cause)
    {
        if (_failure is null)
        {
            _failure = cause;
            _options.Events.Failed(cause);
        }

        return new StoreFailedException($"The metadata store failed: no side of the mirror is left that accepts writes: {cause.Message}", cause);
    }
}
