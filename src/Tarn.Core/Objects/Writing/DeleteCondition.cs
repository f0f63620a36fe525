using Tarn.Core.Errors;
using Tarn.Core.Model;

namespace Tarn.Core.Objects.Writing;

/// <summary>What must hold of an object for it to be deleted.</summary>
/// <param name="IfMatch">The entity tags of which the object must have one, or "*"; null for no condition.</param>
/// <param name="LastModified">When the object must have been last modified, to the second; null for no condition.</param>
/// <param name="Size">The size that the object must have, in bytes; null for no condition.</param>
public sealed record DeleteCondition(string? IfMatch, DateTimeOffset? LastModified = null, long? Size = null)
{
    /// <summary>The entity tags of which the object must have none, or "*" if it must not exist; null for no condition.</summary>
    public string? IfNoneMatch { get; init; }

    /// <summary>The object must not be newer, to the second; null for no condition. Ignored with If-Match.</summary>
    public DateTimeOffset? UnmodifiedSince { get; init; }

    /// <summary>Canonical user id of the only owner whose objects may be deleted; null for any owner. Ignored for a delete that names a version.</summary>
    public string? OnlyOf { get; init; }

    /// <summary>
    /// <see cref="StoredObject.Fingerprint"/> of the only object that may be deleted: the current one, unchanged since it was read. Null for no condition. Ignored for a delete
    /// that names a version.
    /// </summary>
    public byte[]? Unchanged { get; init; }

    /// <summary>Whether the version <c>null</c> must not be removed where it is not the newest, as a delete marker would remove it while versioning is suspended.</summary>
    public bool KeepsNull { get; init; }

    /// <summary>
    /// For a delete that names a version: the only one that may be deleted, wherever it stands among those of its key by then, and whatever tags and list it has got. Null for whichever
    /// has the name. The version <c>null</c> may be another one than when it was looked up.
    /// </summary>
    public StoredObject? OnlyVersion { get; init; }

    /// <summary>Until when the object must have been written, Unix microseconds: <see cref="StoredObject.WrittenBy"/>. Null for no condition.</summary>
    public long? WrittenBy { get; init; }

    /// <summary>Whether a delete marker may use the room that is reserved for removals.</summary>
    public bool MarkersUseReserve { get; init; } = true;

    /// <summary>No condition.</summary>
    public static DeleteCondition None { get; } = new((string?)null);

    /// <summary>Restricts the condition to the objects of one owner; null for any owner.</summary>
    public DeleteCondition Over(string? ownerId) => ownerId is null ? this : this with { OnlyOf = ownerId };

    internal void ThrowIfChanged(byte[]? current)
    {
        if (Unchanged is not null)
        {
            byte[] found = current ?? throw new S3Exception(S3Error.NoSuchKey);
            ThrowIfNot(StoredObject.FingerprintOf(found).AsSpan().SequenceEqual(Unchanged), "unchanged");
        }
    }

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
        ThrowIfNot(OnlyVersion is null || OnlyVersion.Record.IsSameVersionAs(found), "unchanged");
        ThrowIfNot(WrittenBy is null || found.WrittenBy(WrittenBy.Value), "written before");
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
