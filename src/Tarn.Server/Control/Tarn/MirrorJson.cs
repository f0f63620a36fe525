using Tarn.Core.Mirroring;

namespace Tarn.Server.Control.Tarn;

/// <summary>The mirror.</summary>
/// <param name="IsWhole">Whether both sides have everything.</param>
/// <param name="Sides">The data directory, then its mirror.</param>
internal sealed record MirrorView(bool IsWhole, IReadOnlyList<MirrorSideView> Sides)
{
    public static MirrorView Of(Mirror mirror)
    {
        IReadOnlyList<MirrorSideStatus> sides = mirror.Status;
        return new(sides.All(static side => side.State == MirrorSideState.Whole), [.. sides.Select(MirrorSideView.Of)]);
    }
}

/// <summary>One side of the mirror.</summary>
internal sealed record MirrorSideView
{
    /// <summary>Its directory.</summary>
    public required string Directory { get; init; }

    /// <summary>whole: it has everything; filling: it is being filled from the other side; lost: it is not used.</summary>
    public required string State { get; init; }

    /// <summary>Why it is not whole, if it failed.</summary>
    public string? Cause { get; init; }

    /// <summary>Rows of metadata compared so far, while it is being filled.</summary>
    public long? RowsCompared { get; init; }

    /// <summary>Directories of blobs compared so far, of 256, while it is being filled.</summary>
    public int? DirectoriesCompared { get; init; }

    /// <summary>Bytes of blobs copied so far, while it is being filled.</summary>
    public long? BytesCopied { get; init; }

    public static MirrorSideView Of(MirrorSideStatus side)
    {
        bool isFilling = side.State == MirrorSideState.Filling;
        return new()
        {
            Directory = side.Side,
            State = side.State switch { MirrorSideState.Whole => "whole", MirrorSideState.Filling => "filling", _ => "lost" },
            Cause = side.Cause,
            RowsCompared = isFilling ? side.Progress.Rows : null,
            DirectoriesCompared = isFilling ? side.Progress.Directories : null,
            BytesCopied = isFilling ? side.Progress.Bytes : null,
        };
    }
}
