namespace Tarn.Core.Consistency;

/// <summary>The result of a rebuild.</summary>
public sealed record RebuildSummary
{
    /// <summary>Buckets that the objects are in.</summary>
    public long Buckets { get; init; }

    /// <summary>Objects and versions that were made, now or by a rebuild that was interrupted.</summary>
    public long Objects { get; init; }

    /// <summary>Their size in bytes.</summary>
    public long Bytes { get; init; }

    /// <summary>Those among the objects that were made of the parts of an upload.</summary>
    public long ObjectsOfParts { get; init; }

    /// <summary>Blobs that were given a second name instead of being copied, in this run.</summary>
    public long Linked { get; init; }

    /// <summary>Blobs that were copied, in this run.</summary>
    public long Copied { get; init; }

    /// <summary>Blobs that no object was made of, and directories of blobs that could not be listed.</summary>
    public long Unplaced { get; init; }
}
