namespace Tarn.Core.Model;

/// <summary>
/// How many tags a resource may have, and the error message for more.
/// Source: Amazon S3 User Guide, "Categorizing your objects using tags" and "Using cost allocation S3 bucket tags".
/// </summary>
/// <param name="Count">The maximum number of tags accepted.</param>
/// <param name="Refusal">The error message for more tags.</param>
public sealed record TagLimits(int Count, string Refusal)
{
    /// <summary>The longest key, in UTF-16 code units, as S3 counts them.</summary>
    public const int MaxKeyLength = 128;

    /// <summary>The longest value, in UTF-16 code units, as S3 counts them.</summary>
    public const int MaxValueLength = 256;

    /// <summary>The limits of objects.</summary>
    public static TagLimits Object { get; } = new(10, "Object tags cannot be greater than 10");

    /// <summary>The limits of buckets.</summary>
    public static TagLimits Bucket { get; } = new(50, "Bucket tag count cannot be greater than 50");
}
