using System.Buffers;
using System.Collections.Frozen;

namespace Tarn.S3.Wire;

/// <summary>The headers of an upload that are stored with its object, and the values that a header can have.</summary>
internal static class StoredHeaders
{
    public const string MetadataPrefix = "x-amz-meta-";

    private static readonly FrozenSet<string> Standard = FrozenSet.ToFrozenSet(
        ["Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language", "Content-Type", "Expires"], StringComparer.OrdinalIgnoreCase);

    /// <summary>All ASCII control characters except the tab.</summary>
    private static readonly SearchValues<char> Unsendable =
        SearchValues.Create([.. Enumerable.Range(0, 0x20).Append(0x7F).Where(c => c != '\t').Select(c => (char)c)]);

    public static bool Contains(string name) =>
        name.StartsWith(MetadataPrefix, StringComparison.OrdinalIgnoreCase) || Standard.Contains(name);

    /// <summary>Whether a header cannot have this value: Kestrel accepts control characters but does not send them.</summary>
    public static bool IsUnsendable(ReadOnlySpan<char> value) => value.ContainsAny(Unsendable);
}
