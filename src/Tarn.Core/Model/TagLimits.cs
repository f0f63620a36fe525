namespace Tarn.Core.Model;

/// <summary>
/// How many tags a resource may have, and what a client is told when it sends more.
/// Source: Amazon S3 User Guide, "Categorizing your objects using tags" and "Using cost allocation S3 bucket tags".
/// </summary>
/// <param name="Count">The most tags that are accepted.</param>
/// <param name="Refusal">The message of the refusal.</param>
public sealed record TagLimits(int Count, string Refusal)
{
    /// <summary>UTF-16 code units, as S3 counts them.</summary>
    public const int MaxKeyLength = 128;

    /// <summary>UTF-16 code units, as S3 counts them.</summary>
    public const int MaxValueLength = 256;

    public static TagLimits Object { get; } = new(10, "Object tags cannot be greater than 10");

    public static TagLimits Bucket { get; } = new(50, "Bucket tag count cannot be greater than 50");
}
