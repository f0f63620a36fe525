using Tarn.Core.Blobs.Layout;
using Tarn.Core.Model;
using Tarn.Core.Objects.Integrity;
using Tarn.Core.Objects.Ownership;

namespace Tarn.Core.Scrubbing;

/// <summary>Collects the damage of one blob, which may concern some of its holders only.</summary>
internal sealed class FoundDamage(DamageList list) : IDamageSink
{
    private readonly List<DamagedDataException> _found = [];

    /// <summary>How many damaged runs were found.</summary>
    public int Count => _found.Count;

    /// <inheritdoc/>
    public ValueTask<Exception> ReportAsync(DamagedDataException found)
    {
        _found.Add(found);
        return ValueTask.FromResult<Exception>(found);
    }

    /// <inheritdoc/>
    public ValueTask VerifiedAsync(Id128 data, long start, long end) => list.VerifiedAsync(data, start, end);

    /// <summary>Forgets what was found, to read again.</summary>
    public void Clear() => _found.Clear();

    /// <summary>Puts the holder on the list of damage if bytes that it has are damaged.</summary>
    /// <returns>Whether it has damaged bytes; false also if it was replaced meanwhile and the data is gone.</returns>
    public async ValueTask<bool> TellAsync(DataHolder holder, Extent extent)
    {
        bool isDamaged = false;
        var report = new DamageReport(list, holder);
        foreach (DamagedDataException found in _found)
        {
            if (new DamageRange(found.Offset, found.Length).Overlaps(extent.Offset, extent.Length))
            {
                isDamaged |= await report.ReportAsync(found) is DamagedDataException;
            }
        }

        return isDamaged;
    }
}
