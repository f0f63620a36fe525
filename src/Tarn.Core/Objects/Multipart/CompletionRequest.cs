using Tarn.Core.Hashing;
using Tarn.Core.Objects.Writing;

namespace Tarn.Core.Objects.Multipart;

/// <summary>What a client says when it completes a multipart upload.</summary>
public sealed record CompletionRequest
{
    /// <summary>The parts of the object, in the order the client gave.</summary>
    public required IReadOnlyList<CompletionPart> Parts { get; init; }

    /// <summary>The checksum that the whole object must have, as the text of its header.</summary>
    public (ChecksumAlgorithm Algorithm, string Text)? Checksum { get; init; }

    /// <summary>The type that the client expects the checksum to have.</summary>
    public ChecksumType? ChecksumType { get; init; }

    /// <summary>The bytes that the object must have (x-amz-mp-object-size).</summary>
    public long? ObjectSize { get; init; }

    public WriteCondition Condition { get; init; } = WriteCondition.None;
}

/// <summary>One part as the completing client names it.</summary>
public sealed record CompletionPart(int Number, string ETag)
{
    public IReadOnlyDictionary<ChecksumAlgorithm, string> Checksums { get; init; } = new Dictionary<ChecksumAlgorithm, string>();
}
