using System.Diagnostics.CodeAnalysis;

namespace Tarn.Core.Model;

/// <summary>The id of a multipart upload: 32 hexadecimal digits, which sort by when the upload began.</summary>
public readonly record struct UploadId(Id128 Value)
{
    /// <summary>Creates the id of an upload that begins now.</summary>
    /// <param name="clock">The current time.</param>
    /// <param name="random">Distinguishes uploads that begin at the same time.</param>
    /// <param name="after">The newest version of the key; the upload sorts after it even if the clock was set back.</param>
    public static UploadId Create(TimeProvider clock, IRandomSource random, VersionId? after = null) => new(
        Id128.Create(random) with { High = Math.Max(Timestamps.Microseconds(clock), after is { } version ? version.Sequence + 1 : 0) });

    /// <summary>
    /// The place of the upload's object among the versions of the key, by when the upload began: before any version written in the same
    /// microsecond, whose random part has the highest bit set.
    /// </summary>
    public VersionId Place => new(Value.High, Value.Low & ~VersionId.WrittenLater);

    /// <summary>Reads the text of an id; false for any other text.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out UploadId id)
    {
        bool valid = Id128.TryParse(text, out Id128 value);
        id = new UploadId(value);
        return valid;
    }

    /// <summary>32 lower-case hexadecimal digits.</summary>
    public override string ToString() => Value.ToString();
}
