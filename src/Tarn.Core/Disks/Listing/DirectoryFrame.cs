using Microsoft.Win32.SafeHandles;
using Tarn.Core.Files;

namespace Tarn.Core.Disks.Listing;

/// <summary>A directory that a walk is in.</summary>
internal sealed class DirectoryFrame
{
    /// <summary>Null while a deep walk has more directories above it than it keeps open.</summary>
    public SafeFileHandle? Handle { get; set; }

    public required FileStat Stat { get; set; }

    /// <summary>Null until it is needed, and again when a deep walk releases it.</summary>
    public DirectorySnapshot? Names { get; set; }

    /// <summary>The next entry of <see cref="Names"/>.</summary>
    public int Next { get; set; }

    /// <summary>The first name that is still to come, from which <see cref="Next"/> is found.</summary>
    public byte[] Position { get; set; } = [];

    /// <summary>How many bytes of the walk's path lead here, the slash after the directory included.</summary>
    public required int PathLength { get; init; }

    /// <summary>The part of the marker below the one subdirectory on its path; null once that is passed.</summary>
    public byte[]? MarkerBelow { get; set; }

    /// <summary>Moves to where a marker is in the directory.</summary>
    /// <param name="marker">Relative to the directory.</param>
    public void StartAfter(byte[] marker)
    {
        int slash = marker.AsSpan().IndexOf((byte)'/');
        if (slash < 0)
        {
            Position = marker.Length == 0 ? [] : [.. marker, 0];
        }
        else
        {
            Position = marker[..(slash + 1)];
            MarkerBelow = marker[(slash + 1)..];
        }
    }

    /// <summary>Moves on to the first name that is not before a given one.</summary>
    public void StartFrom(byte[] name)
    {
        if (Position.AsSpan().SequenceCompareTo(name) < 0)
        {
            Position = name;
            MarkerBelow = null;
        }
    }
}
