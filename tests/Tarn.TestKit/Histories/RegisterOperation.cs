namespace Tarn.TestKit.Histories;

/// <summary>A write or a read of one key, as its client saw it.</summary>
/// <param name="IsWrite">Whether it is a write; otherwise a read.</param>
/// <param name="Value">What was written, or read: for each write another; null: no object.</param>
/// <param name="Began">The position of its beginning among all beginnings and ends.</param>
/// <param name="Ended">The position of its end; <see cref="Never"/> for a write without an answer, of which nobody knows whether and when it took effect.</param>
public sealed record RegisterOperation(bool IsWrite, string? Value, long Began, long Ended)
{
    /// <summary>An end that did not come.</summary>
    public const long Never = long.MaxValue;

    public override string ToString() => $"{(IsWrite ? "write" : "read ")} {Value ?? "(none)"} {Began}-{(Ended == Never ? "" : Ended)}";
}
