using System.Globalization;
using System.Text;
using Tarn.Core.Errors;

namespace Tarn.Core.Model;

/// <summary>The tags of an object or a bucket, in the order given: validated when created, and immutable.</summary>
public sealed class TagSet : IEquatable<TagSet>
{
    private const string ReservedPrefix = "aws:";

    private TagSet(IReadOnlyList<KeyValuePair<string, string>> pairs) => Pairs = pairs;

    /// <summary>No tags.</summary>
    public static TagSet Empty { get; } = new([]);

    /// <summary>The tags in order: key and value.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Pairs { get; }

    /// <summary>The number of tags.</summary>
    public int Count => Pairs.Count;

    /// <summary>Creates a set of the tags that a client sent.</summary>
    /// <exception cref="S3Exception">BadRequest for too many tags; InvalidTag for a key or value that S3 does not accept, or a key given twice.</exception>
    public static TagSet Create(IEnumerable<KeyValuePair<string, string>> pairs, TagLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        var list = pairs.ToList();
        if (list.Count > limits.Count)
        {
            throw new S3Exception(S3Error.BadRequest, limits.Refusal);
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach ((string key, string value) in list)
        {
            ThrowIfInvalid(key, value);
            if (!seen.Add(key))
            {
                throw Invalid("Cannot provide multiple Tags with the same key", "TagKey", key);
            }
        }

        return list.Count == 0 ? Empty : new TagSet(list);
    }

    /// <summary>Creates a set of stored tags, which were validated when they were stored.</summary>
    public static TagSet FromStorage(IReadOnlyList<KeyValuePair<string, string>> pairs) => pairs.Count == 0 ? Empty : new TagSet(pairs);

    /// <summary>Finds the value of a tag; null when there is none with that key.</summary>
    public string? Find(string key)
    {
        foreach ((string name, string value) in Pairs)
        {
            if (name == key)
            {
                return value;
            }
        }

        return null;
    }

    /// <summary>Whether this set contains every tag of the other one, with the same value.</summary>
    public bool Contains(TagSet other)
    {
        foreach ((string key, string value) in other.Pairs)
        {
            if (Find(key) != value)
            {
                return false;
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public bool Equals(TagSet? other) => other is not null && Pairs.SequenceEqual(other.Pairs);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as TagSet);

    /// <inheritdoc/>
    public override int GetHashCode() => Pairs.Aggregate(Count, static (hash, pair) => HashCode.Combine(hash, pair.Key, pair.Value));

    private static void ThrowIfInvalid(string key, string value)
    {
        if (key.Length is 0 or > TagLimits.MaxKeyLength || !IsAllowed(key))
        {
            throw Invalid("The TagKey you have provided is invalid", "TagKey", key);
        }

        if (value.Length > TagLimits.MaxValueLength || !IsAllowed(value))
        {
            throw Invalid("The TagValue you have provided is invalid", "TagValue", value);
        }

        if (key.StartsWith(ReservedPrefix, StringComparison.OrdinalIgnoreCase))
        {
            throw Invalid("System tags cannot be added/updated by requester", "TagKey", key);
        }
    }

    /// <summary>Letters, numbers and separators of any script, and a few symbols, which AWS documents as <c>[\p{L}\p{Z}\p{N}_.:/=+\-@]*</c>.</summary>
    private static bool IsAllowed(string text)
    {
        foreach (Rune rune in text.EnumerateRunes())
        {
            bool allowed = Rune.GetUnicodeCategory(rune) switch
            {
                UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
                    or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => true,
                UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => true,
                UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => true,
                _ => rune.IsAscii && "_.:/=+-@".Contains((char)rune.Value, StringComparison.Ordinal),
            };
            if (!allowed)
            {
                return false;
            }
        }

        return true;
    }

    private static S3Exception Invalid(string message, string element, string text) =>
        new(S3Error.InvalidTag, message) { Details = [new(element, text)] };
}
