namespace Tarn.Core.Consistency;

/// <summary>A row that another one needs.</summary>
/// <param name="Value">Its value; null when there is none, or it cannot be read.</param>
/// <param name="IsUnreadable">Whether it cannot be read, so that nothing follows from its absence.</param>
internal readonly record struct NeededRow(byte[]? Value, bool IsUnreadable)
{
    /// <summary>Whether it is certain that there is no such row.</summary>
    public bool IsAbsent => Value is null && !IsUnreadable;
}
