using Tarn.Core.KeyValue;

namespace Tarn.Core.Mirroring;

/// <summary>The metadata of a mirror. Reads are answered by the leading side or, where it fails, by the other.</summary>
internal sealed class MirroredKeyValueStore(Mirror mirror) : IKeyValueStore
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

    public ValueTask DisposeAsync() => mirror.DisposeAsync();

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
