using Tarn.Core.Disks.Trees;
using Tarn.Core.Files;

namespace Tarn.Core.Disks.Listing;

/// <summary>Where a walk begins: in the deepest directory that the query's prefix names as a whole.</summary>
/// <param name="Length">Bytes of the prefix that are this directory, with a slash at the end; 0 for the root.</param>
/// <param name="Above">The directories above it.</param>
/// <param name="Marker">The part of the query's marker below the directory; null when everything in it comes after the marker.</param>
internal readonly record struct WalkStart(int Length, List<FileIdentity> Above, byte[]? Marker)
{
    /// <summary>Finds it; null when no key of the tree can match the query.</summary>
    public static WalkStart? Find(ReadableTree tree, DiskQuery query)
    {
        ReadOnlySpan<byte> directory = query.Prefix.AsSpan(0, query.Prefix.AsSpan().LastIndexOf((byte)'/') + 1);
        ReadOnlySpan<byte> plain = directory[..Math.Max(0, directory.Length - 1)];
        if (query.MaxKeys <= 0 || (directory.Length > 0 && !DiskPath.IsCanonical(plain))
            || !DiskPath.IsText(directory) || (!query.AnyCharacter && !DiskPath.IsXml(directory)))
        {
            return null;
        }

        // The marker comes before the directory, in it, or past it.
        byte[]? marker = null;
        if (query.After is { } after && after.AsSpan().SequenceCompareTo(directory) > 0)
        {
            if (!after.AsSpan().StartsWith(directory))
            {
                return null;
            }

            marker = after[directory.Length..];
        }

        if (tree.Ancestors(plain) is not { } above)
        {
            return null;
        }

        // The last of them is the directory itself.
        above.RemoveAt(above.Count - 1);
        return new WalkStart(directory.Length, above, marker);
    }
}
