using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Tarn.Core.Model;

/// <summary>
/// The name of a bucket: 3 to 63 characters of a-z, 0-9, dot and hyphen, beginning and ending with a letter or digit,
/// and not shaped like an IPv4 address. Source: Amazon S3 User Guide, "General purpose bucket naming rules".
/// </summary>
public readonly record struct BucketName : IComparable<BucketName>
{
    private static readonly SearchValues<char> Allowed = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789.-");
    private static readonly string[] ReservedPrefixes = ["xn--", "sthree-", "amzn-s3-demo-"];
    private static readonly string[] ReservedSuffixes = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];

    private BucketName(string value) => Value = value;

    /// <summary>The name.</summary>
    public string Value { get; }

    /// <summary>Reads a name; false if it breaks the naming rules.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out BucketName name)
    {
        name = default;
        if (text is null || text.Length is < 3 or > 63
            || text.AsSpan().ContainsAnyExcept(Allowed)
            || !char.IsAsciiLetterOrDigit(text[0]) || !char.IsAsciiLetterOrDigit(text[^1])
            || text.Contains("..", StringComparison.Ordinal)
            || text.Contains(".-", StringComparison.Ordinal) || text.Contains("-.", StringComparison.Ordinal)
            || LooksLikeAddress(text)
            || Array.Exists(ReservedPrefixes, p => text.StartsWith(p, StringComparison.Ordinal))
            || Array.Exists(ReservedSuffixes, s => text.EndsWith(s, StringComparison.Ordinal)))
        {
            return false;
        }

        name = new BucketName(text);
        return true;
    }

    /// <summary>Wraps a name read from storage, which is known to be valid.</summary>
    public static BucketName FromStorage(string value) => new(value);

    /// <inheritdoc/>
    public int CompareTo(BucketName other) => string.CompareOrdinal(Value, other.Value);

    /// <summary>Returns the name; empty for the default value.</summary>
    public override string ToString() => Value ?? "";

    /// <summary>Whether a name sorts before another.</summary>
    public static bool operator <(BucketName left, BucketName right) => left.CompareTo(right) < 0;

    /// <summary>Whether a name sorts after another.</summary>
    public static bool operator >(BucketName left, BucketName right) => left.CompareTo(right) > 0;

    /// <summary>Whether a name sorts before another or equals it.</summary>
    public static bool operator <=(BucketName left, BucketName right) => left.CompareTo(right) <= 0;

    /// <summary>Whether a name sorts after another or equals it.</summary>
    public static bool operator >=(BucketName left, BucketName right) => left.CompareTo(right) >= 0;

    private static bool LooksLikeAddress(string text)
    {
        string[] parts = text.Split('.');
        return parts.Length == 4 && Array.TrueForAll(parts, p => p.Length > 0 && p.AsSpan().IndexOfAnyExceptInRange('0', '9') < 0);
    }
}
