using System.Text;

namespace Tarn.Conformance.Support;

/// <summary>
/// What a listing must show, in the simplest possible code: filter, roll up, sort by UTF-8 bytes.
/// Source: Amazon S3 API Reference, ListObjectsV2; User Guide, "Organizing objects using prefixes".
/// </summary>
public static class ListingOracle
{
    /// <summary>Compares as S3 sorts: UTF-8 bytes, which is not the order of .NET strings beyond U+FFFF.</summary>
    public static readonly IComparer<string> Order = Comparer<string>.Create(
        (a, b) => Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b)));

    /// <summary>Keys, and common prefixes each once, merged in order; those at or before the marker are left out.</summary>
    public static string[] List(IEnumerable<string> keys, string prefix, string delimiter, string after)
    {
        var entries = new SortedSet<string>(Order);
        foreach (string key in keys.Where(k => k.StartsWith(prefix, StringComparison.Ordinal) && Order.Compare(k, after) > 0))
        {
            entries.Add(Rolled(key, prefix, delimiter));
        }

        return [.. entries];
    }

    /// <summary>
    /// Whether the marker lies inside a common prefix, or is one: servers may then repeat that prefix or not,
    /// since AWS does not specify it.
    /// </summary>
    public static bool IsInsidePrefix(string prefix, string delimiter, string after) =>
        after.StartsWith(prefix, StringComparison.Ordinal) && delimiter.Length > 0 && after.IndexOf(delimiter, prefix.Length, StringComparison.Ordinal) >= 0;

    /// <summary>The common prefix that a key falls under, or the key itself.</summary>
    public static string Rolled(string key, string prefix, string delimiter)
    {
        int cut = delimiter.Length == 0 ? -1 : key.IndexOf(delimiter, prefix.Length, StringComparison.Ordinal);
        return cut < 0 ? key : key[..(cut + delimiter.Length)];
    }
}
