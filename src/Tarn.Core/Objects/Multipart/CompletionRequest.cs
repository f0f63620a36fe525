using Tarn.Core.Hashing;
using Tarn.Core.Objects.Writing;

namespace Tarn.Core.Objects.Multipart;

/// <summary>What a client sends to complete a multipart upload.</summary>
public sealed record CompletionRequest
{
    /// <summary>The parts of the object, in the order the client gave.</summary>
    public required IReadOnlyList<CompletionPart> Parts { get; init; }

    /// <summary>The checksum expected of the whole object, as header text; null for none.</summary>
    public (ChecksumAlgorithm Algorithm, string Text)? Checksum { get; init; }

    /// <summary>The checksum type that the client expects; null for none.</summary>
    public ChecksumType? ChecksumType { get; init; }

    /// <summary>The size expected of the object in bytes (x-amz-mp-object-size); null for none.</summary>
    public long? ObjectSize { get; init; }

    /// <summary>What must hold of the object that the completion replaces.</summary>
    public WriteCondition Condition { get; init; } = WriteCondition.None;
}

/// <summary>One part as the completion request names it.</summary>
public sealed record CompletionPart(int Number, string ETag)
{
    /// <summary>The checksums that the client gives for the part, in base64.</summary>
    public IReadOnlyDictionary<ChecksumAlgorithm, string> Checksums { get; init; } = new Dictionary<ChecksumAlgorithm, string>();
}
