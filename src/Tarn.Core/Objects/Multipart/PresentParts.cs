using System.Collections.Concurrent;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.Objects.Integrity;
using Tarn.Core.Objects.Reading;
using Tarn.Core.Records;

namespace Tarn.Core.Objects.Multipart;

/// <summary>
/// The parts of which a completion found the data to be there. Up to 10,000 files are looked at, so that is done before the key is taken, and an
/// attempt looks again only at a part whose row has changed: as long as it has not, the data is held.
/// </summary>
internal sealed class PresentParts(ObjectReader reader)
{
    private readonly ConcurrentDictionary<int, byte[]> _found = new();

    /// <summary>Whether the data of all parts is there; false when a part was replaced or removed meanwhile.</summary>
    /// <param name="upload">The upload.</param>
    /// <param name="parts">The parts.</param>
    /// <param name="rows">Their rows as they were read, by number.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="DamagedDataException">The data of a part is not all there.</exception>
    public async ValueTask<bool> AreThereAsync(
        MultipartUpload upload, IReadOnlyList<PartRecord> parts, Dictionary<int, byte[]> rows, CancellationToken cancellationToken)
    {
        bool isGone = false;
        await Parallel.ForEachAsync(
            parts.Where(part => !IsFound(part, rows)),
            new ParallelOptions { MaxDegreeOfParallelism = StoredDataCheck.AtOnce, CancellationToken = cancellationToken },
            async (part, cancelled) =>
            {
                if (await IsThereAsync(upload, part, rows[part.Number], cancelled))
                {
                    _found[part.Number] = rows[part.Number];
                }
                else
                {
                    Volatile.Write(ref isGone, true);
                }
            });
        return !isGone;
    }

    private bool IsFound(PartRecord part, Dictionary<int, byte[]> rows) =>
        _found.TryGetValue(part.Number, out byte[]? found) && found.AsSpan().SequenceEqual(rows[part.Number]);

    private async ValueTask<bool> IsThereAsync(MultipartUpload upload, PartRecord part, byte[] value, CancellationToken cancellationToken)
    {
        var holder = DataHolder.Of(upload.Bucket.Id, upload.Key, upload.Id, part, Tables.PartKey(upload.Id, part.Number), value);
        try
        {
            return await reader.IsThereAsync(holder, part.Extents, cancellationToken);
        }
        catch (DamagedDataException damaged)
        {
            throw new DamagedDataException(damaged.Kind, damaged.DataId, $"Part {part.Number}: {damaged.Message}")
            {
                Offset = damaged.Offset, Length = damaged.Length,
            };
        }
    }
}
