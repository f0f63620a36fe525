using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Tarn.Core.Disks.Catalog;

/// <summary>
/// The id of a disk, which is also the name of its bucket: <c>dsk-</c> and 16 lower-case hex digits. A bucket name of this form always means a
/// disk, whether or not it exists.
/// </summary>
public readonly record struct DiskId
{
    /// <summary>Characters of an id.</summary>
    public const int Length = 20;

    private const string Prefix = "dsk-";

    private static readonly SearchValues<char> LowerHex = SearchValues.Create("0123456789abcdef");

    private DiskId(string value) => Value = value;

    /// <summary>The id as text; null for <c>default</c>.</summary>
    public string Value { get; }

    /// <summary>Parses an id; false for any other text.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out DiskId id)
    {
        bool valid = HasShape(text);
        id = valid ? new DiskId(text!) : default;
        return valid;
    }

    /// <summary>Whether a bucket name is that of a disk.</summary>
    public static bool HasShape([NotNullWhen(true)] string? text) =>
        text is not null && text.Length == Length && text.StartsWith(Prefix, StringComparison.Ordinal)
        && !text.AsSpan(Prefix.Length).ContainsAnyExcept(LowerHex);

    internal static DiskId New(IRandomSource random) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{Prefix}{random.NextUInt64():x16}"));

    /// <summary>The id as text; empty for <c>default</c>.</summary>
    public override string ToString() => Value ?? "";
}
