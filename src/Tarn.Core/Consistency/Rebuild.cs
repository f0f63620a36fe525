using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.Identity;
using Tarn.Core.KeyValue;
using Tarn.Core.Objects;
using Tarn.Core.Storage;

namespace Tarn.Core.Consistency;

/// <summary>
/// Makes a new store of what the blobs of one without metadata say of themselves. The source is only read. An interrupted rebuild is repeated: what it made is found
/// by its version. docs/operations/recovery.md says what cannot come back.
/// </summary>
public sealed class Rebuild
{
    private readonly IBlobStore _source;
    private readonly ISetAsideStore? _aside;
    private readonly BlobTransfer _transfer;
    private readonly RebuiltObjects _objects;
    private readonly RebuiltUploads _uploads;
    private readonly TimeProvider _clock;
    private readonly Func<Finding, ValueTask> _found;
    private readonly Action<CheckProgress>? _progress;
    private CheckProgress _done;
    private long _ofParts;

    private Rebuild(
        IBlobStore source, RebuildTarget target, ObjectStore store, Organization owner, Func<Finding, ValueTask> found, Action<CheckProgress>? progress)
    {
        _aside = source as ISetAsideStore;
        source = _aside is null ? source : new WithSetAside(source, _aside);
        _source = source;
        _transfer = new BlobTransfer(source, target);
        _objects = new RebuiltObjects(store, new RebuiltBuckets(store.Buckets, owner, target.Region), _transfer, owner.CanonicalId);
        _uploads = new RebuiltUploads(target.Rows, source, _objects, ReportAsync);
        _clock = target.Clock;
        _found = found;
        _progress = progress;
    }

    /// <summary>Rebuilds.</summary>
    /// <param name="source">The blobs of the store that is lost.</param>
    /// <param name="target">The store to make; no server may run on it.</param>
    /// <param name="found">Is given each blob that no object is made of, and why, and each object that is made of parts.</param>
    /// <param name="progress">Is told, often, how far the rebuild is; null for nobody.</param>
    /// <param name="cancellationToken">Cancels the rebuild, which can be repeated.</param>
    /// <exception cref="IOException">The new store fails. What cannot be read of the source is found, and the rebuild goes on.</exception>
    public static async Task<RebuildSummary> RunAsync(
        IBlobStore source, RebuildTarget target, Func<Finding, ValueTask> found, Action<CheckProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        var identity = new IdentityStore(target.Rows, NoSecrets.Instance, reservedKey: null, target.Clock, target.Random);
        Organization root = await identity.Organizations.EnsureRootAsync(canonicalId: null, cancellationToken);
        var store = new ObjectStore(target.Rows, target.Blobs, target.Clock, target.Random, new ObjectStoreOptions());
        return await new Rebuild(source, target, store, root, found, progress).RunAsync(cancellationToken);
    }

    private async Task<RebuildSummary> RunAsync(CancellationToken cancellationToken)
    {
        await foreach (BlobInfo info in BlobWalk.RunAsync(_source, 0, BlobWalk.Directories, ReportAsync, cancellationToken))
        {
            _done = _done with { Blobs = _done.Blobs + 1 };
            await TakeAsync(info.Id, cancellationToken);
        }

        await TakeSetAsideAsync(cancellationToken);
        await _objects.FlushAsync(cancellationToken);
        await _uploads.AssembleAsync(cancellationToken);
        return new RebuildSummary
        {
            Buckets = _objects.Buckets,
            Objects = _objects.Count,
            ObjectsOfParts = _ofParts,
            Bytes = _objects.Bytes,
            Linked = _transfer.Linked,
            Copied = _transfer.Copied,
            Unplaced = _done.Problems,
        };
    }

    /// <summary>Nothing referred to blobs that were set aside, but the metadata that said so is lost: it may have been that of a start by force.</summary>
    private async ValueTask TakeSetAsideAsync(CancellationToken cancellationToken)
    {
        if (_aside is null)
        {
            return;
        }

        List<BlobId> ids = [];
        try
        {
            await foreach (BlobInfo info in _aside.ListAsideAsync(cancellationToken))
            {
                ids.Add(info.Id);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await ReportAsync(e);
        }

        foreach (BlobId id in ids)
        {
            _done = _done with { Blobs = _done.Blobs + 1 };
            await TakeAsync(id, cancellationToken);
        }
    }

    private async ValueTask TakeAsync(BlobId id, CancellationToken cancellationToken)
    {
        (RebuiltBlob? blob, DataProblem? problem) = await ExamineAsync(id, cancellationToken);
        if (problem is { } wrong)
        {
            await ReportAsync(RebuiltBlob.Describe(new Finding(wrong.Kind, wrong.Detail) { Data = id.ToString() }, blob));
        }

        try
        {
            if (blob?.Footer.Upload is not null)
            {
                // A damaged part is noted too: without it the parts before it would seem to be all of the upload, or an older one to be the last word.
                await _uploads.AddAsync(blob, isDamaged: problem is not null, cancellationToken);
            }
            else if (problem is null)
            {
                await _objects.AddAsync(blob!, cancellationToken);
            }
        }
        catch (SourceUnreadableException e)
        {
            await ReportAsync(RebuiltBlob.Describe(new Finding(FindingKind.Unreadable, e.Message) { Data = id.ToString() }, blob));
        }
    }

    /// <summary>Reads and verifies a blob: what it says, unless that cannot be known or believed, and what is wrong with it.</summary>
    private async ValueTask<(RebuiltBlob? Blob, DataProblem? Problem)> ExamineAsync(BlobId id, CancellationToken cancellationToken)
    {
        RebuiltBlob? blob = null;
        try
        {
            await using IBlobReader reader = await BlobTransfer.OpenAsync(_source, id, cancellationToken);
            if (reader.IsBare)
            {
                return (null, new DataProblem(FindingKind.Unplaced, "A build before format 4 wrote the blob: it does not say what it is."));
            }

            var whole = new WholeBlob(id, reader, Advance);
            (BlobEnd? end, DataProblem? problem) = await whole.ReadEndAsync(cancellationToken);
            if (end is null)
            {
                return (null, problem);
            }

            BlobFooter footer = BlobFooter.Decode(end.Footer);
            if (RecordValues.Problem(footer, _clock.GetUtcNow()) is { } odd)
            {
                return (null, new DataProblem(FindingKind.Unplaced, odd));
            }

            blob = new RebuiltBlob(id, reader.Length, end.Trailer.PayloadLength, footer);
            return (blob, await whole.PayloadProblemAsync(end, cancellationToken));
        }
        catch (Exception e) when (e is not (OperationCanceledException or OutOfMemoryException))
        {
            return (blob, new DataProblem(FindingKind.Unreadable, $"The blob cannot be read: {e.Message}"));
        }
    }

    private ValueTask ReportAsync(Exception notListed) =>
        ReportAsync(new Finding(FindingKind.Unreadable, $"A directory of blobs cannot be listed as a whole: {notListed.Message}"));

    private ValueTask ReportAsync(Finding finding)
    {
        if (finding.Kind == FindingKind.Assembled)
        {
            _ofParts++;
        }
        else
        {
            _done = _done with { Problems = _done.Problems + 1 };
        }

        return _found(finding);
    }

    private void Advance(long bytes)
    {
        _done = _done with { Bytes = _done.Bytes + bytes, Rows = _objects.Count };
        _progress?.Invoke(_done);
    }

    /// <summary>A rebuild stores no secrets.</summary>
    private sealed class NoSecrets : ISecretProtector
    {
        public static NoSecrets Instance { get; } = new();

        public byte[] Protect(string subject, string secret) => throw new NotSupportedException("A rebuild has no keys to encrypt secrets with.");

        public string Unprotect(string subject, byte[] protectedSecret) => throw new NotSupportedException("A rebuild has no keys to decrypt secrets with.");
    }
}

/// <summary>The store that a rebuild makes.</summary>
/// <param name="Rows">Its metadata.</param>
/// <param name="Blobs">Its blobs.</param>
/// <param name="Clock">The clock.</param>
/// <param name="Random">Generates ids.</param>
/// <param name="Region">The region of its buckets.</param>
public sealed record RebuildTarget(IKeyValueStore Rows, IBlobStore Blobs, TimeProvider Clock, IRandomSource Random, string Region)
{
    /// <summary>Makes blobs durable that were committed or linked before, several at a time; null: each is when that is done.</summary>
    public Func<ValueTask>? SyncBlobsAsync { get; init; }

    /// <summary>Gives a blob of the source a name in <see cref="Blobs"/> without copying it; false when it has to be copied. Null: all are copied.</summary>
    public Func<BlobId, bool>? TryLink { get; init; }
}
