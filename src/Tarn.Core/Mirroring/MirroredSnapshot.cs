using Tarn.Core.KeyValue;
using Tarn.Core.Records;

namespace Tarn.Core.Mirroring;

/// <summary>A snapshot of the leading side, with one of the other side for what cannot be read there, if both were taken at the same group of commits.</summary>
internal sealed class MirroredSnapshot : IKeyValueSnapshot
{
    private readonly Mirror _mirror;
    private readonly MirrorCopy _copy;
    private readonly IKeyValueSnapshot _snapshot;
    private readonly IKeyValueSnapshot _twin;

    private MirroredSnapshot(Mirror mirror, MirrorCopy copy, IKeyValueSnapshot snapshot, IKeyValueSnapshot twin)
    {
        _mirror = mirror;
        _copy = copy;
        _snapshot = snapshot;
        _twin = twin;
    }

    /// <summary>Opens a snapshot of <paramref name="store"/>, and of the other side if that counts.</summary>
    public static async ValueTask<IKeyValueSnapshot> OpenAsync(Mirror mirror, IKeyValueStore store, CancellationToken cancellationToken)
    {
        MirrorView view = mirror.View;
        IKeyValueSnapshot snapshot = await store.OpenSnapshotAsync(cancellationToken);
        if (view.Lead.Metadata != store || view.Twin is null)
        {
            return snapshot;
        }

        try
        {
            return new MirroredSnapshot(mirror, view.Lead, snapshot, await view.Twin.Metadata.OpenSnapshotAsync(cancellationToken));
        }
        catch (Exception e) when (MirrorCopy.IsOwn(e))
        {
            // The other side is being lost, which whoever writes to it finds out.
            return snapshot;
        }
    }

    public ValueTask<byte[]?[]> GetAsync(IReadOnlyList<byte[]> keys, CancellationToken cancellationToken) =>
        ReadAsync(static (reader, keys, cancellationToken) => reader.GetAsync(keys, cancellationToken), keys, cancellationToken);

    public ValueTask<byte[]?> GetAsync(byte[] key, CancellationToken cancellationToken) =>
        ReadAsync(static (reader, key, cancellationToken) => reader.GetAsync(key, cancellationToken), key, cancellationToken);

    public ValueTask<IReadOnlyList<KeyValueEntry>> ScanAsync(byte[] from, byte[] to, int limit, bool reverse, CancellationToken cancellationToken) =>
        ReadAsync(
            static (reader, range, cancellationToken) => reader.ScanAsync(range.from, range.to, range.limit, range.reverse, cancellationToken),
            (from, to, limit, reverse),
            cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _snapshot.DisposeAsync();
        await _twin.DisposeAsync();
    }

    private async ValueTask<T> ReadAsync<TArgument, T>(
        Func<IKeyValueReader, TArgument, CancellationToken, ValueTask<T>> read, TArgument argument, CancellationToken cancellationToken)
    {
        try
        {
            return await read(_snapshot, argument, cancellationToken);
        }
        catch (Exception e) when (MirrorCopy.IsOwn(e))
        {
            _mirror.ReportRead(_copy, e);
            if (!await IsTwinSameAsync(cancellationToken))
            {
                throw;
            }

            return await read(_twin, argument, cancellationToken);
        }
    }

    private async ValueTask<bool> IsTwinSameAsync(CancellationToken cancellationToken)
    {
        byte[]? there = await _twin.GetAsync(Tables.MirrorPositionKey, cancellationToken);
        return there is not null && ByteStringComparer.Instance.Equals(there, await _snapshot.GetAsync(Tables.MirrorPositionKey, cancellationToken));
    }
}
