using System.Globalization;
using Tarn.Core.Blobs;

namespace Tarn.Core.Acceleration;

/// <summary>Which bytes of a blob a path <c>/v1/blocks/BLOB/START/LENGTH</c> asks for.</summary>
/// <param name="Blob">The blob.</param>
/// <param name="Start">The first byte.</param>
/// <param name="Length">Bytes: 1 to <see cref="BlockFrames.MaxRun"/>.</param>
public readonly record struct BlockRequest(BlobId Blob, long Start, int Length)
{
    /// <summary>What the path begins with.</summary>
    public const string Prefix = AcceleratorPaths.Root + "blocks/";

    /// <summary>Reads a path; false for any but what <see cref="Path"/> writes, within the bounds.</summary>
    public static bool TryParse(ReadOnlySpan<char> path, out BlockRequest request)
    {
        request = default;
        if (!path.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return false;
        }

        path = path[Prefix.Length..];
        Span<Range> parts = stackalloc Range[4];
        if (path.Length > 80 || path.Split(parts, '/') != 3
            || !BlobId.TryParse(path[parts[0]], out BlobId blob)
            || !long.TryParse(path[parts[1]], NumberStyles.None, CultureInfo.InvariantCulture, out long start)
            || !int.TryParse(path[parts[2]], NumberStyles.None, CultureInfo.InvariantCulture, out int length)
            || length is < 1 or > BlockFrames.MaxRun || start > long.MaxValue - length)
        {
            return false;
        }

        var read = new BlockRequest(blob, start, length);
        if (!path.SequenceEqual(read.Path.AsSpan(Prefix.Length)))
        {
            return false;
        }

        request = read;
        return true;
    }

    /// <summary>The path.</summary>
    public string Path => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Blob}/{Start}/{Length}");
}
