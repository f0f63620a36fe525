using System.Globalization;

namespace Tarn.Core.Mirroring;

/// <summary>A side that may be the only one although it may lack what the other one has: which one, and in which state, so that the permission fits nothing else.</summary>
/// <param name="Side">The side's number.</param>
/// <param name="Epoch">Its epoch.</param>
public readonly record struct MirrorStale(ulong Side, ulong Epoch)
{
    private const int Digits = 16;

    /// <summary>Reads what <see cref="ToString"/> writes; null when it is something else.</summary>
    public static MirrorStale? Parse(string text) =>
        text.Length > Digits + 1 && text[Digits] == '-'
        && ulong.TryParse(text.AsSpan(0, Digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong side)
        && ulong.TryParse(text.AsSpan(Digits + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ulong epoch)
            ? new MirrorStale(side, epoch)
            : null;

    /// <summary>The side's number, 16 hexadecimal digits, and the epoch.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Side:x16}-{Epoch}");

    /// <summary>The permission that a side with this mark needs.</summary>
    internal static MirrorStale Of(MirrorMark mark) => new(mark.Side, mark.Epoch);
}
