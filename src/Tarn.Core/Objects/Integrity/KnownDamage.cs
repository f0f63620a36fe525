using Tarn.Core.Blobs.Layout;

namespace Tarn.Core.Objects.Integrity;

/// <summary>What is remembered of the damage of one piece of data.</summary>
/// <param name="Range">The bytes concerned.</param>
/// <param name="NeedsRead">Whether only a read can tell that the damage is over; else a look at the length can.</param>
/// <param name="Progress">The bytes from the start of the range to here were read since the damage was last met, and are right.</param>
/// <param name="Met">Which of the meetings with damage that the list counts was the last with this: what was read before it says nothing.</param>
internal readonly record struct KnownDamage(DamageRange Range, bool NeedsRead, long Progress, long Met = 0)
{
    public static KnownDamage Of(DamageKind kind, DamageRange range) => new(range, kind is DamageKind.Checksum or DamageKind.WrongBlob, range.Offset);

    /// <summary>Both, of which no byte is known to be right.</summary>
    public KnownDamage With(KnownDamage other)
    {
        DamageRange both = Range.With(other.Range);
        return new(both, NeedsRead || other.NeedsRead, both.Offset, Math.Max(Met, other.Met));
    }
}
