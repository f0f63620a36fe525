using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Tarn.Core.Hashing;

/// <summary>
/// A checksum as S3 reports it. Compared by value, bytes included; the array must not be modified.
/// </summary>
/// <param name="Algorithm">The algorithm of the value.</param>
/// <param name="Type">What the value covers.</param>
/// <param name="Value">The raw value, <see cref="ChecksumAlgorithms.HashSize"/> bytes; CRCs are big-endian.</param>
/// <param name="Parts">How many parts a composite value covers; otherwise 0.</param>
public sealed record Checksum(ChecksumAlgorithm Algorithm, ChecksumType Type, byte[] Value, int Parts)
{
    /// <summary>The maximum number of parts that a multipart upload can have. Source: Amazon S3 User Guide, "Amazon S3 multipart upload limits".</summary>
    private const int MaxParts = 10_000;

    /// <summary>
    /// Reads the text of a checksum: canonical base64 of exactly the algorithm's size, optionally followed by "-" and a number of parts
    /// from 1 to 10,000 without leading zeros. <paramref name="parts"/> is 0 if the text has none.
    /// </summary>
    public static bool TryParse(
        ChecksumAlgorithm algorithm, [NotNullWhen(true)] string? text, [NotNullWhen(true)] out byte[]? value, out int parts)
    {
        value = null;
        parts = 0;
        if (text is null)
        {
            return false;
        }

        // '-' is not in the base64 alphabet.
        ReadOnlySpan<char> base64 = text;
        int count = 0;
        int dash = text.IndexOf('-', StringComparison.Ordinal);
        if (dash >= 0)
        {
            base64 = text.AsSpan(0, dash);
            if (!TryParseParts(text.AsSpan(dash + 1), out count))
            {
                return false;
            }
        }

        if (!TryDecode(base64, ChecksumAlgorithms.HashSize(algorithm), out value))
        {
            return false;
        }

        parts = count;
        return true;
    }

    /// <inheritdoc/>
    public bool Equals(Checksum? other) =>
        other is not null && Algorithm == other.Algorithm && Type == other.Type && Parts == other.Parts
        && Value.AsSpan().SequenceEqual(other.Value);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.Add(Algorithm);
        hash.Add(Type);
        hash.Add(Parts);
        hash.AddBytes(Value);
        return hash.ToHashCode();
    }

    /// <summary>The value as in headers and XML: base64, followed by "-N" when composite.</summary>
    public override string ToString()
    {
        string base64 = Convert.ToBase64String(Value);
        return Type == ChecksumType.Composite && Parts > 0
            ? string.Create(CultureInfo.InvariantCulture, $"{base64}-{Parts}")
            : base64;
    }

    private static bool TryParseParts(ReadOnlySpan<char> digits, out int count)
    {
        count = 0;
        return !digits.StartsWith('0')
            && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out count)
            && count <= MaxParts;
    }

    /// <summary>The framework's decoder skips white space and ignores surplus bits, so the result must encode back to the same text.</summary>
    private static bool TryDecode(ReadOnlySpan<char> base64, int size, [NotNullWhen(true)] out byte[]? value)
    {
        value = null;
        int length = (size + 2) / 3 * 4;
        if (base64.Length != length)
        {
            return false;
        }

        byte[] bytes = new byte[size];
        Span<char> again = stackalloc char[length];
        if (!Convert.TryFromBase64Chars(base64, bytes, out int written) || written != size
            || !Convert.TryToBase64Chars(bytes, again, out _) || !base64.SequenceEqual(again))
        {
            return false;
        }

        value = bytes;
        return true;
    }
}
