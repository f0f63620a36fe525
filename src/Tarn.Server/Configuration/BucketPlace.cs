using System.Diagnostics.CodeAnalysis;

namespace Tarn.Server.Configuration;

/// <summary>A place in a bucket: <c>s3://bucket/prefix</c>.</summary>
/// <param name="Bucket">The bucket.</param>
/// <param name="Prefix">What the keys begin with, without a slash at the end; empty: anything.</param>
internal sealed record BucketPlace(string Bucket, string Prefix)
{
    private const string Scheme = "s3://";

    /// <summary>Whether a text names a bucket, or tries to.</summary>
    public static bool Is(string text) => text.StartsWith(Scheme, StringComparison.Ordinal);

    public static bool TryParse(string text, [NotNullWhen(true)] out BucketPlace? place)
    {
        string[] parts = Is(text) ? text[Scheme.Length..].TrimEnd('/').Split('/') : [""];
        place = parts.Any(static part => part is "" or "." or ".." || part.Any(char.IsControl)) ? null : new BucketPlace(parts[0], string.Join('/', parts.Skip(1)));
        return place is not null;
    }

    /// <summary>Whether it is another place or one below that.</summary>
    public bool IsWithin(BucketPlace other) => Bucket == other.Bucket && (other.Prefix.Length == 0 || (Prefix + "/").StartsWith(other.Prefix + "/", StringComparison.Ordinal));

    public override string ToString() => $"{Scheme}{Bucket}/{Prefix}".TrimEnd('/');
}
