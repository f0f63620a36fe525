using Tarn.Core.Blobs.Layout;
using Tarn.Core.Model;
using Tarn.Core.Objects.Integrity;
using Tarn.Core.Objects.Ownership;

namespace Tarn.Core.Scrubbing;

/// <summary>Collects the damage of one blob, which may concern some of its holders only.</summary>
internal sealed class FoundDamage(DamageList list) : IDamageSink
{
    /// <summary>So many runs are told apart; further ones are one with the last.</summary>
    private const int MaxRuns = 1024;

    private readonly List<DamagedDataException> _found = [];

    /// <summary>Whether the damage was counted, which it is once for all holders.</summary>
    public bool IsCounted { get; set; }

    /// <summary>The damaged runs.</summary>
    public IReadOnlyList<DamagedDataException> Runs => _found;

    /// <summary>Forgets all damage: it is repaired.</summary>
    public void Clear() => _found.Clear();

    /// <inheritdoc/>
    public ValueTask<Exception> ReportAsync(DamagedDataException found)
    {
        if (found.Kind == DamageKind.Checksum && _found is [.., { Kind: DamageKind.Checksum, Length: < long.MaxValue } last]
            && (last.Offset + last.Length == found.Offset || _found.Count == MaxRuns))
        {
            _found[^1] = Both([last, found]);
        }
        else
        {
            _found.Add(found);
        }

        return ValueTask.FromResult<Exception>(found);
    }

    /// <inheritdoc/>
    public ValueTask VerifiedAsync(Id128 data, long start, long end) => list.VerifiedAsync(data, start, end);

    /// <summary>Puts the holder on the list of damage if bytes that it has are damaged.</summary>
    /// <returns>Whether it has damaged bytes; false also if it was replaced meanwhile and the data is gone.</returns>
    public async ValueTask<bool> TellAsync(DataHolder holder, Extent extent)
    {
        bool isDamaged = false;
        var report = new DamageReport(list, holder);
        foreach (IGrouping<DamageKind, DamagedDataException> kind in _found
            .Where(found => found.Kind == DamageKind.Tail || new DamageRange(found.Offset, found.Length).Overlaps(extent.Offset, extent.Length))
            .GroupBy(static found => found.Kind))
        {
            isDamaged |= await report.ReportAsync(Both([.. kind])) is DamagedDataException;
        }

        return isDamaged;
    }

    /// <summary>Damage of one kind as one.</summary>
    private static DamagedDataException Both(IReadOnlyList<DamagedDataException> found)
    {
        if (found is [var only])
        {
            return only;
        }

        DamageRange all = found.Select(static one => new DamageRange(one.Offset, one.Length)).Aggregate(static (left, right) => left.With(right));
        string end = all.End == long.MaxValue ? "the end" : $"{all.End - 1}";
        return new DamagedDataException(found[0].Kind, found[0].DataId, $"Blocks of blob {found[0].DataId} between the bytes {all.Offset} and {end} do not match their checksums.")
        {
            Offset = all.Offset, Length = all.Length,
        };
    }
}
