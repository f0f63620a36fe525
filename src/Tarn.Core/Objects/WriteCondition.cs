using Tarn.Core.Errors;
using Tarn.Core.Model;

namespace Tarn.Core.Objects;

/// <summary>
/// What must hold of the object that a write or delete would replace.
/// Source: Amazon S3 User Guide, "Add preconditions to S3 operations with conditional requests".
/// </summary>
/// <param name="IfMatch">The entity tag that the object must have, or "*" for any; null for no condition.</param>
/// <param name="IfNoneMatchAny">The object must not exist (If-None-Match: *).</param>
public sealed record WriteCondition(string? IfMatch, bool IfNoneMatchAny)
{
    /// <summary>Canonical user id of whose objects alone may be replaced; null: whosever.</summary>
    public string? OnlyOf { get; init; }

    public static WriteCondition None { get; } = new(null, false);

    /// <summary>The same, over the objects of one owner only; null: whosever.</summary>
    public WriteCondition Over(string? ownerId) => ownerId is null ? this : this with { OnlyOf = ownerId };

    /// <summary>Refuses when the condition does not hold of the current object.</summary>
    /// <param name="current">The object's entity tag; null when there is none.</param>
    /// <param name="conflict">Another request changed the key while this one was about to commit.</param>
    /// <exception cref="S3Exception">PreconditionFailed; NoSuchKey; ConditionalRequestConflict when the object came and went meanwhile.</exception>
    internal void Demand(ETag? current, bool conflict)
    {
        if (IfNoneMatchAny && current is not null)
        {
            throw Failed("If-None-Match");
        }

        if (IfNoneMatchAny && conflict)
        {
            throw new S3Exception(S3Error.ConditionalRequestConflict) { Details = [new("Condition", "If-None-Match")] };
        }

        if (IfMatch is null)
        {
            return;
        }

        if (current is not { } etag)
        {
            throw new S3Exception(S3Error.NoSuchKey);
        }

        if (IfMatch.Trim() != "*" && !etag.Matches(IfMatch))
        {
            throw Failed("If-Match");
        }
    }

    private static S3Exception Failed(string condition) => new(S3Error.PreconditionFailed) { Details = [new("Condition", condition)] };
}
