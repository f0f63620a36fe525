using System.Buffers;
using System.Collections.Frozen;

namespace Tarn.S3.Wire;

/// <summary>Which headers of an upload are kept with its object, and what the value of a header can hold.</summary>
internal static class StoredHeaders
{
    public const string MetadataPrefix = "x-amz-meta-";

    private static readonly FrozenSet<string> Standard = FrozenSet.ToFrozenSet(
        ["Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language", "Content-Type", "Expires"], StringComparer.OrdinalIgnoreCase);

    /// <summary>All of ASCII's control characters but the tab.</summary>
    private static readonly SearchValues<char> Unsendable =
        SearchValues.Create([.. Enumerable.Range(0, 0x20).Append(0x7F).Where(c => c != '\t').Select(c => (char)c)]);

    public static bool Contains(string name) =>
        name.StartsWith(MetadataPrefix, StringComparison.OrdinalIgnoreCase) || Standard.Contains(name);

    /// <summary>Whether no header can have this value: Kestrel takes control characters in but does not send them.</summary>
    public static bool IsUnsendable(ReadOnlySpan<char> value) => value.ContainsAny(Unsendable);
}
