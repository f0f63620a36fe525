using Tarn.Core.Blobs;

namespace Tarn.Core.Mirroring;

/// <summary>What happens to a mirror, for the log and for metrics. Calls may come from several threads at once.</summary>
public interface IMirrorEvents
{
    /// <summary>A side failed, and the store goes on with the other.</summary>
    void Lost(string side, string other, Exception cause);

    /// <summary>The store was started with one side. <paramref name="cause"/> says what is wrong with <paramref name="side"/>.</summary>
    void Missing(string side, string other, Exception cause);

    /// <summary>The metadata of a side lacked the last commits of the other, which were not answered yet, and has them now.</summary>
    void CaughtUp(string side, string other);

    /// <summary>A side is being filled from the other.</summary>
    void FillBegan(string side, string other);

    /// <summary>A side has everything again.</summary>
    void Filled(string side, string other, MirrorProgress done);

    /// <summary>A side could not be opened or filled; it is tried again.</summary>
    void FillFailed(string side, Exception cause, TimeSpan again);

    /// <summary>A damaged or missing copy of a blob was rewritten: from the other side, or from what both have right.</summary>
    void Healed(string side, BlobId blob, long bytes);

    /// <summary>A damaged or missing copy of a blob could not be rewritten.</summary>
    void HealFailed(string side, BlobId blob, Exception cause);

    /// <summary>No side is left that accepts writes. Called once.</summary>
    void Failed(Exception cause);
}

/// <summary>How a mirror is opened and kept.</summary>
public sealed record MirrorOptions
{
    /// <summary>The clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>Numbers new sides.</summary>
    public required IRandomSource Random { get; init; }

    /// <summary>Who is told what happens.</summary>
    public required IMirrorEvents Events { get; init; }

    /// <summary>A side that may be the only one although it may lack commits; null for none.</summary>
    public MirrorStale? AcceptStale { get; init; }

    /// <summary>Whether an empty place where a side was is filled; otherwise it is taken for a file system that is not mounted.</summary>
    public bool Rebuild { get; init; }

    /// <summary>How long to wait before a lost side is tried again. Each failure doubles it, up to 16 times.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A number for a new side; never 0.</summary>
    internal ulong NewNumber() => Random.NextUInt64() | 1;
}

/// <summary>How far a side is filled.</summary>
/// <param name="Rows">Rows of metadata compared so far.</param>
/// <param name="RowsWritten">Rows that differed.</param>
/// <param name="Directories">Directories of blobs compared so far, of 256.</param>
/// <param name="Blobs">Blobs that differed.</param>
/// <param name="Bytes">Bytes of blobs copied.</param>
/// <param name="NotCopied">Blobs that it may lack, because no copy of them could be read.</param>
public readonly record struct MirrorProgress(long Rows, long RowsWritten, int Directories, long Blobs, long Bytes, long NotCopied);

/// <summary>The state of one side at this moment.</summary>
/// <param name="Side">Its name.</param>
/// <param name="State">Whether it counts.</param>
/// <param name="Progress">How far it is filled, while it is.</param>
/// <param name="Cause">Why it does not count; null if it does.</param>
public readonly record struct MirrorSideStatus(string Side, MirrorSideState State, MirrorProgress Progress, string? Cause);

/// <summary>Whether a side counts.</summary>
public enum MirrorSideState
{
    /// <summary>It is not used.</summary>
    Lost,

    /// <summary>It gets all writes, but does not have everything yet.</summary>
    Filling,

    /// <summary>It has everything that was answered.</summary>
    Whole,
}
