using Tarn.Core.Errors;
using Tarn.Core.Model;

namespace Tarn.Core.Objects.Writing;

/// <summary>What must hold of an object for it to be deleted.</summary>
/// <param name="IfMatch">The entity tags of which it must have one, or "*"; null for no condition.</param>
/// <param name="LastModified">When it must have been modified last, to the second; null for no condition.</param>
/// <param name="Size">The bytes that it must have; null for no condition.</param>
public sealed record DeleteCondition(string? IfMatch, DateTimeOffset? LastModified = null, long? Size = null)
{
    /// <summary>The entity tags of which it must have none, or "*": it must not exist; null for no condition.</summary>
    public string? IfNoneMatch { get; init; }

    /// <summary>It must not be newer, to the second; null for no condition. If-Match makes it void.</summary>
    public DateTimeOffset? UnmodifiedSince { get; init; }

    /// <summary>Canonical user id: only objects of this owner may be deleted; null: of any owner. It does not apply to a delete that names a version.</summary>
    public string? OnlyOf { get; init; }

    public static DeleteCondition None { get; } = new((string?)null);

    /// <summary>The same, of the objects of one owner only; null: of any owner.</summary>
    public DeleteCondition Over(string? ownerId) => ownerId is null ? this : this with { OnlyOf = ownerId };

    internal void ThrowIfNotMet(ObjectRecord? found)
    {
        if (found is null)
        {
            if ((IfMatch ?? (object?)LastModified ?? Size) is not null)
            {
                throw new S3Exception(S3Error.NoSuchKey);
            }

            return;
        }

        ThrowIfNot(IfMatch is null || Holds(IfMatch, found, weak: false), "If-Match");
        ThrowIfNot(IfMatch is not null || UnmodifiedSince is null || found.LastModified <= UnmodifiedSince.Value.ToUnixTimeMilliseconds(), "If-Unmodified-Since");
        ThrowIfNot(IfNoneMatch is null || !Holds(IfNoneMatch, found, weak: true), "If-None-Match");
        ThrowIfNot(LastModified is null || LastModified.Value.ToUnixTimeSeconds() * 1000 == found.LastModified, "x-amz-if-match-last-modified-time");
        ThrowIfNot(Size is null || Size == found.Size, "x-amz-if-match-size");
    }

    /// <summary>A delete marker has no entity tag, so none matches it.</summary>
    private static bool Holds(string list, ObjectRecord found, bool weak) =>
        EntityTagList.IsAny(list) || (!found.IsDeleteMarker && EntityTagList.Holds(list, found.ETag.ToString(), weak));

    private static void ThrowIfNot(bool holds, string condition)
    {
        if (!holds)
        {
            throw new S3Exception(S3Error.PreconditionFailed) { Details = [new("Condition", condition)] };
        }
    }
}
