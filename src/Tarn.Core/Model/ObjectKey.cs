using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Tarn.Core.Model;

/// <summary>
/// The name of an object inside its bucket: 1 to 1024 bytes of UTF-8, compared as unsigned bytes.
/// Source: Amazon S3 User Guide, "Naming Amazon S3 objects".
/// </summary>
public readonly struct ObjectKey : IEquatable<ObjectKey>, IComparable<ObjectKey>
{
    /// <summary>The maximum size of a key, in bytes.</summary>
    public const int MaxLength = 1024;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly byte[]? _utf8;

    private ObjectKey(byte[] utf8) => _utf8 = utf8;

    /// <summary>The key's bytes, which must not be modified.</summary>
    public byte[] Utf8 => _utf8 ?? [];

    /// <summary>Creates a key; false when the text is empty, too long, or contains an unpaired surrogate.</summary>
    public static bool TryCreate([NotNullWhen(true)] string? text, out ObjectKey key)
    {
        key = default;
        if (string.IsNullOrEmpty(text) || text.Length > MaxLength)
        {
            return false;
        }

        try
        {
            byte[] utf8 = Strict.GetBytes(text);
            if (utf8.Length > MaxLength)
            {
                return false;
            }

            key = new ObjectKey(utf8);
            return true;
        }
        catch (EncoderFallbackException)
        {
            return false;
        }
    }

    /// <summary>Wraps bytes read from storage, which are known to be a valid key.</summary>
    public static ObjectKey FromUtf8(byte[] utf8) => new(utf8);

    /// <inheritdoc/>
    public int CompareTo(ObjectKey other) => Utf8.AsSpan().SequenceCompareTo(other.Utf8);

    /// <inheritdoc/>
    public bool Equals(ObjectKey other) => Utf8.AsSpan().SequenceEqual(other.Utf8);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ObjectKey other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(Utf8);
        return hash.ToHashCode();
    }

    /// <summary>The key as text.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Utf8);

    /// <summary>Whether two keys are equal.</summary>
    public static bool operator ==(ObjectKey left, ObjectKey right) => left.Equals(right);

    /// <summary>Whether two keys differ.</summary>
    public static bool operator !=(ObjectKey left, ObjectKey right) => !left.Equals(right);

    /// <summary>Whether a key sorts before another.</summary>
    public static bool operator <(ObjectKey left, ObjectKey right) => left.CompareTo(right) < 0;

    /// <summary>Whether a key sorts after another.</summary>
    public static bool operator >(ObjectKey left, ObjectKey right) => left.CompareTo(right) > 0;

    /// <summary>Whether a key sorts before another or equals it.</summary>
    public static bool operator <=(ObjectKey left, ObjectKey right) => left.CompareTo(right) <= 0;

    /// <summary>Whether a key sorts after another or equals it.</summary>
    public static bool operator >=(ObjectKey left, ObjectKey right) => left.CompareTo(right) >= 0;
}
