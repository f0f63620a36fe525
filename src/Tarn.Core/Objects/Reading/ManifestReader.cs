using Tarn.Core.Blobs.Layout;
using Tarn.Core.KeyValue;
using Tarn.Core.Objects.Integrity;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Records;

namespace Tarn.Core.Objects.Reading;

/// <summary>Reads the parts of multipart objects from the rows of their manifests.</summary>
internal sealed class ManifestReader(IKeyValueStore store, DamageList damage)
{
    /// <summary>Finds one part of a multipart object by its place, counted from 1.</summary>
    /// <returns>The part and its offset in the object; null when there are fewer parts.</returns>
    public async ValueTask<ObjectPart?> FindPartAsync(StoredObject found, int place, CancellationToken cancellationToken)
    {
        if (found.Record.Data is not ObjectData.Manifest manifest)
        {
            return null;
        }

        int chunk = (place - 1) / ManifestChunk.Capacity;
        if (place < 1 || chunk >= manifest.ChunkStarts.Count)
        {
            return null;
        }

        List<PartRecord> parts = await ChunkAsync(found, manifest, chunk, cancellationToken);
        int index = (place - 1) % ManifestChunk.Capacity;
        if (index >= parts.Count)
        {
            return null;
        }

        long offset = manifest.ChunkStarts[chunk] + parts.Take(index).Sum(p => p.Size);
        return new ObjectPart(place, offset, parts[index].Size, parts[index].Checksum);
    }

    /// <summary>Lists the parts of a multipart object after a place, in order; none for an object put in one request.</summary>
    public async ValueTask<IReadOnlyList<ObjectPart>> ListPartsAsync(
        StoredObject found, int after, int limit, CancellationToken cancellationToken)
    {
        var result = new List<ObjectPart>();
        if (found.Record.Data is not ObjectData.Manifest manifest)
        {
            return result;
        }

        for (int chunk = after / ManifestChunk.Capacity; chunk < manifest.ChunkStarts.Count && result.Count < limit; chunk++)
        {
            long offset = manifest.ChunkStarts[chunk];
            int place = chunk * ManifestChunk.Capacity;
            foreach (PartRecord part in await ChunkAsync(found, manifest, chunk, cancellationToken))
            {
                place++;
                if (place > after && result.Count < limit)
                {
                    result.Add(new ObjectPart(place, offset, part.Size, part.Checksum));
                }

                offset += part.Size;
            }
        }

        return result;
    }

    /// <summary>Returns the runs of blobs that hold [offset, offset + length) of an object that is not inline.</summary>
    public async ValueTask<List<Extent>> ExtentsAsync(StoredObject found, long offset, long length, CancellationToken cancellationToken)
    {
        switch (found.Record.Data)
        {
            case ObjectData.Extents extents:
                return Extent.Slice(extents.List, offset, length);
            case ObjectData.Manifest manifest:
                var result = new List<Extent>();
                for (int chunk = 0; chunk < manifest.ChunkStarts.Count; chunk++)
                {
                    long start = manifest.ChunkStarts[chunk];
                    long end = chunk + 1 < manifest.ChunkStarts.Count ? manifest.ChunkStarts[chunk + 1] : found.Size;
                    long from = Math.Max(start, offset);
                    long to = Math.Min(end, offset + length);
                    if (from < to)
                    {
                        List<PartRecord> parts = await ChunkAsync(found, manifest, chunk, cancellationToken);
                        result.AddRange(Extent.Slice(parts.SelectMany(p => p.Extents), from - start, to - from));
                    }
                }

                return result;
            default:
                return [];
        }
    }

    /// <summary>One row of an object's manifest.</summary>
    /// <exception cref="DamagedDataException">It is missing.</exception>
    public async ValueTask<List<PartRecord>> ChunkAsync(StoredObject found, ObjectData.Manifest manifest, int index, CancellationToken cancellationToken)
    {
        byte[] row = Tables.ManifestKey(manifest.Id, index);
        byte[] bytes = await store.GetAsync(row, cancellationToken)
            ?? throw await new DamageReport(damage, DataHolder.Of(found)).ReportAsync(
                new DamagedDataException(DamageKind.Missing, manifest.Id, $"Row {index} of manifest {manifest.Id} is missing."));
        return Rows.Decode(row, bytes, ManifestChunk.Decode);
    }
}
