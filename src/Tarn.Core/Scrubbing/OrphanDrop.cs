namespace Tarn.Core.Scrubbing;

/// <summary>What came of an order to remove a blob that was set aside.</summary>
public enum OrphanDrop
{
    /// <summary>It is removed.</summary>
    Dropped,

    /// <summary>None with that id was set aside, or a backup needs it.</summary>
    NotThere,

    /// <summary>A row refers to it: it was brought back.</summary>
    Needed,
}

/// <summary>What came of an order to remove all blobs that were set aside.</summary>
/// <param name="Blobs">How many were removed.</param>
/// <param name="Bytes">Their size in bytes.</param>
/// <param name="BroughtBack">How many were brought back, because rows refer to them.</param>
public sealed record OrphansDropped(long Blobs, long Bytes, long BroughtBack);
