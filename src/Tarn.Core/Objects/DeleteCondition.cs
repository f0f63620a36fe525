using Tarn.Core.Errors;
using Tarn.Core.Model;
using Tarn.Core.Records;

namespace Tarn.Core.Objects;

/// <summary>What must hold of an object for it to be deleted.</summary>
/// <param name="IfMatch">The entity tags of which it must have one, or "*"; null for no condition.</param>
/// <param name="LastModified">When it must have been modified last, to the second; null for no condition.</param>
/// <param name="Size">The bytes that it must have; null for no condition.</param>
public sealed record DeleteCondition(string? IfMatch, DateTimeOffset? LastModified = null, long? Size = null)
{
    /// <summary>Canonical user id of whose objects alone may be deleted; null: whosever. Versions that are named are not asked.</summary>
    public string? OnlyOf { get; init; }

    public static DeleteCondition None { get; } = new((string?)null);

    /// <summary>The same, of the objects of one owner only; null: whosever.</summary>
    public DeleteCondition Over(string? ownerId) => ownerId is null ? this : this with { OnlyOf = ownerId };

    internal void Demand(ObjectRecord? found)
    {
        if (IfMatch is null && LastModified is null && Size is null)
        {
            return;
        }

        if (found is null)
        {
            throw new S3Exception(S3Error.NoSuchKey);
        }

        // A delete marker has no entity tag, so none matches it.
        Demand(IfMatch is null || EntityTagList.IsAny(IfMatch) || (!found.IsDeleteMarker && EntityTagList.Holds(IfMatch, found.ETag.ToString(), weak: false)), "If-Match");
        Demand(LastModified is null || LastModified.Value.ToUnixTimeSeconds() * 1000 == found.LastModified, "x-amz-if-match-last-modified-time");
        Demand(Size is null || Size == found.Size, "x-amz-if-match-size");
    }

    private static void Demand(bool holds, string condition)
    {
        if (!holds)
        {
            throw new S3Exception(S3Error.PreconditionFailed) { Details = [new("Condition", condition)] };
        }
    }
}
