using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Records;

namespace Tarn.Core.Objects.Integrity;

/// <summary>Finds out who still has damaged data.</summary>
internal sealed class DamageHolders(IKeyValueReader store)
{
    /// <summary>Whether the object or part of which the damage was met is still there, as the newest version or an older one, and still has the data.</summary>
    public async ValueTask<bool> IsHeldAsync(byte[] place, DamageRecord record, Id128 data, CancellationToken cancellationToken)
    {
        try
        {
            if (place[0] == Tables.Part)
            {
                return await store.GetAsync(place, cancellationToken) is { } part && Any(Rows.Decode(place, part, PartRecord.Decode).Extents, data);
            }

            byte[][] rows = [Tables.CurrentKey(record.BucketId, record.Key), place];
            byte[]?[] values = await store.GetAsync(rows, cancellationToken);
            while (true)
            {
                if (await IsAmongAsync(rows, values, place, record, data, cancellationToken))
                {
                    return true;
                }

                // The reads are not one snapshot: the version may have moved from one row to the other in between.
                byte[]?[] again = await store.GetAsync(rows, cancellationToken);
                if (Same(values[0], again[0]) && Same(values[1], again[1]))
                {
                    return false;
                }

                values = again;
            }
        }
        catch (IOException)
        {
            // What cannot be read or decoded may have the data; whoever reads the object reports the row.
            return true;
        }
    }

    /// <summary>Whether any object or part shares the data, or the manifest through which it was had.</summary>
    public async ValueTask<bool> IsSharedAsync(DamageRecord record, Id128 data, CancellationToken cancellationToken) =>
        await store.HasReferenceAsync(data, cancellationToken) || (record.Manifest is { } manifest && await store.HasReferenceAsync(manifest, cancellationToken));

    private async ValueTask<bool> IsAmongAsync(byte[][] rows, byte[]?[] values, byte[] place, DamageRecord record, Id128 data, CancellationToken cancellationToken)
    {
        for (int i = 0; i < rows.Length; i++)
        {
            ObjectRecord? version = values[i] is { } value ? Rows.Decode(rows[i], value, ObjectRecord.Decode) : null;
            if (version is not null && Tables.HistoryKey(record.BucketId, record.Key, version.EffectiveOrder).AsSpan().SequenceEqual(place))
            {
                return version.Data switch
                {
                    ObjectData.Inline inline => inline.Row == data,
                    ObjectData.Extents extents => Any(extents.List, data),
                    ObjectData.Manifest manifest =>
                        manifest.Id == data || (await PartsAsync(manifest, cancellationToken)).Any(part => Any(part.Extents, data)),
                    _ => false,
                };
            }
        }

        return false;
    }

    private async ValueTask<List<PartRecord>> PartsAsync(ObjectData.Manifest manifest, CancellationToken cancellationToken)
    {
        var parts = new List<PartRecord>();
        byte[][] rows = [.. Enumerable.Range(0, manifest.ChunkStarts.Count).Select(chunk => Tables.ManifestKey(manifest.Id, chunk))];
        byte[]?[] values = await store.GetAsync(rows, cancellationToken);
        for (int i = 0; i < rows.Length; i++)
        {
            parts.AddRange(values[i] is { } value ? Rows.Decode(rows[i], value, ManifestChunk.Decode) : []);
        }

        return parts;
    }

    private static bool Any(IReadOnlyList<Extent> extents, Id128 data) => extents.Any(extent => extent.Blob.Value == data);

    private static bool Same(byte[]? left, byte[]? right) => left is null ? right is null : right is not null && left.AsSpan().SequenceEqual(right);
}
