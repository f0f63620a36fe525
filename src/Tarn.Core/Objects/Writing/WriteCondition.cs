using Tarn.Core.Errors;
using Tarn.Core.Model;

namespace Tarn.Core.Objects.Writing;

/// <summary>
/// What must hold of the object that a write would replace. AWS accepts an entity tag in If-Match and <c>*</c> in If-None-Match;
/// the other forms have HTTP's meaning.
/// Source: Amazon S3 User Guide, "Add preconditions to S3 operations with conditional requests"; RFC 9110, section 13.
/// </summary>
/// <param name="IfMatch">The entity tags of which the object must have one, or "*" for any; null for no condition.</param>
/// <param name="IfNoneMatch">The entity tags of which the object must have none, or "*" if it must not exist; null for no condition.</param>
/// <param name="UnmodifiedSince">The object must not be newer, to the second; null for no condition. Ignored with If-Match.</param>
public sealed record WriteCondition(string? IfMatch = null, string? IfNoneMatch = null, DateTimeOffset? UnmodifiedSince = null)
{
    /// <summary>Canonical user id of the only owner whose objects may be replaced; null for any owner.</summary>
    public string? OnlyOf { get; init; }

    /// <summary>Whether the version <c>null</c> must not be removed where it is not the newest, as a write would remove it while versioning is suspended.</summary>
    public bool KeepsNull { get; init; }

    /// <summary>No condition.</summary>
    public static WriteCondition None { get; } = new();

    /// <summary>Whether the client set a condition on the existing object.</summary>
    public bool IsConditional => (IfMatch ?? IfNoneMatch) is not null || UnmodifiedSince is not null;

    /// <summary>The object must not exist.</summary>
    public static WriteCondition Absent { get; } = new(IfNoneMatch: "*");

    /// <summary>Restricts the condition to the objects of one owner; null for any owner.</summary>
    public WriteCondition Over(string? ownerId) => ownerId is null ? this : this with { OnlyOf = ownerId };

    /// <summary>Throws if the condition does not hold of the current object.</summary>
    /// <param name="current">The object; null when there is none.</param>
    /// <param name="conflict">Whether another request changed the key while this one was about to commit.</param>
    /// <exception cref="S3Exception">PreconditionFailed; NoSuchKey; ConditionalRequestConflict when the object was created and deleted meanwhile.</exception>
    internal void ThrowIfNotMet(ObjectRecord? current, bool conflict)
    {
        if (IfMatch is not null)
        {
            ThrowIfNoMatch(IfMatch, current?.ETag);
        }
        else if (UnmodifiedSince is { } time && current is not null && current.LastModified > time.ToUnixTimeMilliseconds())
        {
            throw Failed("If-Unmodified-Since");
        }

        if (IfNoneMatch is null)
        {
            return;
        }

        if (current is not null && EntityTagList.Holds(IfNoneMatch, current.ETag.ToString(), weak: true))
        {
            throw Failed("If-None-Match");
        }

        if (conflict && current is null && EntityTagList.IsAny(IfNoneMatch))
        {
            throw new S3Exception(S3Error.ConditionalRequestConflict) { Details = [new("Condition", "If-None-Match")] };
        }
    }

    private static void ThrowIfNoMatch(string list, ETag? current)
    {
        if (current is not { } etag)
        {
            // AWS documents 404 for an entity tag and nothing for "*", for which HTTP requires 412.
            throw EntityTagList.IsAny(list) ? Failed("If-Match") : new S3Exception(S3Error.NoSuchKey);
        }

        if (!EntityTagList.Holds(list, etag.ToString(), weak: false))
        {
            throw Failed("If-Match");
        }
    }

    private static S3Exception Failed(string condition) => new(S3Error.PreconditionFailed) { Details = [new("Condition", condition)] };
}
