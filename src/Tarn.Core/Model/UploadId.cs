using System.Diagnostics.CodeAnalysis;

namespace Tarn.Core.Model;

/// <summary>Names a multipart upload; 32 hexadecimal digits, which sort by when the upload began.</summary>
public readonly record struct UploadId(Id128 Value)
{
    /// <param name="clock">When the upload begins.</param>
    /// <param name="random">Keeps uploads that begin together apart.</param>
    /// <param name="after">The newest version of the key: the upload begins after it even if the clock was set back.</param>
    public static UploadId Create(TimeProvider clock, IRandomSource random, VersionId? after = null) => new(
        Id128.Create(random) with { High = Math.Max(Timestamps.Microseconds(clock), after is { } version ? version.Sequence + 1 : 0) });

    /// <summary>
    /// Where the upload's beginning places its object among the versions of the key: before what is written in the same microsecond,
    /// whose random part has the highest bit.
    /// </summary>
    public VersionId Place => new(Value.High, Value.Low & ~VersionId.WrittenLater);

    public static bool TryParse([NotNullWhen(true)] string? text, out UploadId id)
    {
        bool valid = Id128.TryParse(text, out Id128 value);
        id = new UploadId(value);
        return valid;
    }

    public override string ToString() => Value.ToString();
}
