using Tarn.Core.KeyValue;
using Tarn.Core.Records;

namespace Tarn.Core.Mirroring;

/// <summary>The metadata of a mirror. Reads are answered by the leading side or, where it fails, by the other.</summary>
internal sealed class MirroredKeyValueStore(Mirror mirror) : IKeyValueStore, ICheckpointable, IVerifiableStore, IRowRepair
{
    public ValueTask<byte[]?[]> GetAsync(IReadOnlyList<byte[]> keys, CancellationToken cancellationToken) =>
        ReadAsync(static (store, keys, cancellationToken) => store.GetAsync(keys, cancellationToken), keys, cancellationToken);

    public ValueTask<byte[]?> GetAsync(byte[] key, CancellationToken cancellationToken) =>
        ReadAsync(static (store, key, cancellationToken) => store.GetAsync(key, cancellationToken), key, cancellationToken);

    public ValueTask<IReadOnlyList<KeyValueEntry>> ScanAsync(byte[] from, byte[] to, int limit, bool reverse, CancellationToken cancellationToken) =>
        ReadAsync(
            static (store, range, cancellationToken) => store.ScanAsync(range.from, range.to, range.limit, range.reverse, cancellationToken),
            (from, to, limit, reverse),
            cancellationToken);

    public ValueTask<IKeyValueSnapshot> OpenSnapshotAsync(CancellationToken cancellationToken) =>
        ReadAsync<Mirror, IKeyValueSnapshot>(
            static async (store, mirror, cancellationToken) => await MirroredSnapshot.OpenAsync(mirror, store, cancellationToken), mirror, cancellationToken);

    public ValueTask<bool> CommitAsync(KeyValueBatch batch, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(mirror.Committer.SubmitAsync(batch));
    }

    /// <summary>Copies the leading side.</summary>
    /// <exception cref="NotSupportedException">Its engine cannot be copied.</exception>
    public ValueTask<ulong> CheckpointAsync(string directory, CancellationToken cancellationToken) => mirror.View.Lead.Metadata is ICheckpointable store
        ? store.CheckpointAsync(directory, cancellationToken)
        : throw new NotSupportedException("The engine of the metadata takes no checkpoints.");

    /// <summary>Verifies both sides. A damaged one is given up and filled again from the other; only what no side has intact is reported as damage.</summary>
    public async ValueTask<StoreVerification> VerifyAsync(Func<VerificationProgress, CancellationToken, ValueTask>? progress, CancellationToken cancellationToken)
    {
        MirrorView view = mirror.View;
        StoreVerification lead = await VerifyAsync(view.Lead, progress, cancellationToken);
        if (view.Twin is not { } twin)
        {
            return lead;
        }

        StoreVerification other = await VerifyAsync(twin, progress, cancellationToken);
        (MirrorCopy Copy, StoreVerification Found)[] damaged = [.. new[] { (view.Lead, lead), (twin, other) }.Where(static side => side.Item2.Damage.Count > 0)];
        if (damaged is [var one] && await mirror.LoseAsync(one.Copy, new StoreDamagedException($"{one.Found.Damage[0].File}: {one.Found.Damage[0].Detail}")))
        {
            damaged = [];
        }

        return new StoreVerification(lead.Files + other.Files, lead.Bytes + other.Bytes, [.. damaged.SelectMany(static side => side.Found.Damage)]);
    }

    public async ValueTask<byte[]?> RepairAsync(byte[] key, Func<byte[]?, bool> isRight, CancellationToken cancellationToken)
    {
        byte[]? right = null;

        // Between two groups both sides have the same rows.
        await mirror.Committer.BetweenAsync(async () =>
        {
            MirrorView view = mirror.View;
            byte[]? here = await view.Lead.Metadata.GetAsync(key, cancellationToken);
            if (isRight(here))
            {
                right = here;
            }
            else if (view.Twin is { } twin && await TryGetAsync(twin, key, cancellationToken) is { } there && isRight(there))
            {
                right = there;
                mirror.GiveUp(view.Lead, new StoreDamagedException($"The row {Tables.Describe(key)} is not what was written, unlike on the other side."));
            }

            return true;
        });
        return right;
    }

    public ValueTask DisposeAsync() => mirror.DisposeAsync();

    /// <summary>A row of one side; null also when it cannot be read there, which makes it no better than the other.</summary>
    private static async ValueTask<byte[]?> TryGetAsync(MirrorCopy copy, byte[] key, CancellationToken cancellationToken)
    {
        try
        {
            return await copy.Metadata.GetAsync(key, cancellationToken);
        }
        catch (Exception e) when (MirrorCopy.IsOwn(e))
        {
            return null;
        }
    }

    private static async ValueTask<StoreVerification> VerifyAsync(
        MirrorCopy copy, Func<VerificationProgress, CancellationToken, ValueTask>? progress, CancellationToken cancellationToken) =>
        copy.Metadata is IVerifiableStore store ? await store.VerifyAsync(progress, cancellationToken) : new StoreVerification(0, 0, []);

    private async ValueTask<T> ReadAsync<TArgument, T>(
        Func<IKeyValueStore, TArgument, CancellationToken, ValueTask<T>> read, TArgument argument, CancellationToken cancellationToken)
    {
        while (true)
        {
            MirrorView view = mirror.View;
            try
            {
                return await read(view.Lead.Metadata, argument, cancellationToken);
            }
            catch (Exception e) when (mirror.View.Lead != view.Lead && MirrorCopy.IsOwn(e))
            {
                // It was lost during the read.
            }
            catch (Exception e) when (MirrorCopy.IsOwn(e) && view.Twin is not null)
            {
                T answer = await read(view.Twin.Metadata, argument, cancellationToken);
                mirror.ReportRead(view.Lead, e);
                return answer;
            }
        }
    }
}
