using Tarn.Core.Blobs.Layout;
using Tarn.Core.Objects.Integrity;
using Tarn.Core.Objects.Ownership;

namespace Tarn.Core.Objects.Reading;

/// <summary>
/// Checks stored data without reading it, for what shares the data or describes it. Only what is on the list of damage is looked at again, and leaves the
/// list if it is right.
/// </summary>
internal sealed class StoredDataCheck(CheckedBlobs blobs, DamageList damage, ManifestReader manifests, InlineRows rows)
{
    /// <summary>How many blobs of one object are looked at at once.</summary>
    public const int AtOnce = 8;

    private readonly DamageRecheck _recheck = new(blobs, damage);

    /// <summary>Throws if an object's data is on the list of damage.</summary>
    /// <exception cref="DamagedDataException">It is.</exception>
    public async ValueTask ThrowIfListedAsync(StoredObject found, CancellationToken cancellationToken)
    {
        await damage.LoadAsync(cancellationToken);
        if (damage.IsKnownEmpty)
        {
            return;
        }

        switch (found.Record.Data)
        {
            case ObjectData.Inline inline:
                if (damage.Find(inline.Row) is not null && await rows.ReadAsync(found, inline, verify: true, cancellationToken) is null)
                {
                    throw damage.Known(inline.Row);
                }

                break;
            case ObjectData.Extents extents:
                await ThrowIfListedAsync(extents.List, cancellationToken);
                break;
            case ObjectData.Manifest manifest:
                KnownDamage? whole = damage.Find(manifest.Id);
                if (whole is { NeedsRead: true })
                {
                    throw damage.Known(manifest.Id);
                }

                for (int chunk = 0; chunk < manifest.ChunkStarts.Count; chunk++)
                {
                    foreach (PartRecord part in await manifests.ChunkAsync(found, manifest, chunk, cancellationToken))
                    {
                        await ThrowIfListedAsync(part.Extents, cancellationToken);
                    }
                }

                // What was missing of it was found.
                if (whole is { } missed)
                {
                    await damage.DropIfAsync(manifest.Id, missed);
                }

                break;
        }
    }

    /// <summary>Whether an object's data is there; false when the object was replaced and the data is gone.</summary>
    /// <exception cref="DamagedDataException">Data is missing, has the wrong length or is on the list of damage.</exception>
    public async ValueTask<bool> IsThereAsync(StoredObject found, CancellationToken cancellationToken)
    {
        await ThrowIfListedAsync(found, cancellationToken);
        switch (found.Record.Data)
        {
            case ObjectData.Extents extents:
                return await AreThereAsync(DataHolder.Of(found), extents.List, cancellationToken);
            case ObjectData.Manifest manifest:
                for (int chunk = 0; chunk < manifest.ChunkStarts.Count; chunk++)
                {
                    List<PartRecord> parts = await manifests.ChunkAsync(found, manifest, chunk, cancellationToken);
                    if (!await AreThereAsync(DataHolder.Of(found), parts, cancellationToken))
                    {
                        return false;
                    }
                }

                return true;
            default:
                return true;
        }
    }

    /// <summary>The same of a part in an upload.</summary>
    /// <exception cref="DamagedDataException">Data is missing, has the wrong length or is on the list of damage.</exception>
    public async ValueTask<bool> IsThereAsync(DataHolder part, IReadOnlyList<Extent> extents, CancellationToken cancellationToken)
    {
        await damage.LoadAsync(cancellationToken);
        await ThrowIfListedAsync(extents, cancellationToken);
        return await AreThereAsync(part, extents, cancellationToken);
    }

    private async ValueTask<bool> AreThereAsync(DataHolder holder, List<PartRecord> parts, CancellationToken cancellationToken)
    {
        bool isGone = false;
        await Parallel.ForEachAsync(
            parts,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
            async (part, cancelled) =>
            {
                if (!await AreThereAsync(holder, part.Extents, cancelled))
                {
                    Volatile.Write(ref isGone, true);
                }
            });
        return !isGone;
    }

    private async ValueTask<bool> AreThereAsync(DataHolder holder, IReadOnlyList<Extent> extents, CancellationToken cancellationToken)
    {
        foreach (Extent extent in extents)
        {
            if (await blobs.FindDamageAsync(extent.Blob, extent.End, extent.Stored, cancellationToken) is { } wrong)
            {
                var report = new DamageReport(damage, holder);
                if (wrong.Kind == DamageKind.Missing && await report.IsReplacedAsync())
                {
                    return false;
                }

                throw await report.ReportAsync(wrong);
            }
        }

        return true;
    }

    private async ValueTask ThrowIfListedAsync(IReadOnlyList<Extent> extents, CancellationToken cancellationToken)
    {
        foreach (Extent extent in extents)
        {
            if (damage.Contains(extent.Blob.Value, extent.Offset, extent.Length)
                && !await _recheck.IsSoundAsync(extent.Blob, extent.End, extent.Stored, canStat: true, DamageRecheck.InRequest, cancellationToken))
            {
                throw damage.Known(extent.Blob.Value);
            }
        }
    }
}
