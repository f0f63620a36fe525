using System.Text.Unicode;

namespace Tarn.Core.Disks.Trees;

/// <summary>
/// Keys of a disk: the path of a file below the root, as bytes. A path that is not canonical (empty, <c>.</c>, <c>..</c>, <c>//</c>, a slash at
/// either end) names nothing; it is never normalized.
/// </summary>
public static class DiskPath
{
    /// <summary>Bytes of the longest key. A file with a longer path is not listed.</summary>
    public const int MaxLength = Linux.LinuxFiles.MaxPath;

    /// <summary>
    /// The directory of files that are being written, in the root of a disk. No path with this name leads anywhere, at any depth: a disk may be attached
    /// within another one.
    /// </summary>
    internal static ReadOnlySpan<byte> Staging => ".tarn-uploads"u8;

    private const byte Slash = (byte)'/';

    /// <summary>Whether a file could have this path.</summary>
    public static bool IsCanonical(ReadOnlySpan<byte> path)
    {
        if (path.IsEmpty || path.Length > MaxLength)
        {
            return false;
        }

        while (true)
        {
            int slash = path.IndexOf(Slash);
            if (!IsName(slash < 0 ? path : path[..slash]))
            {
                return false;
            }

            if (slash < 0)
            {
                return true;
            }

            path = path[(slash + 1)..];
        }
    }

    /// <summary>Whether XML 1.0 has every character of the name, if only as a reference. Source: XML 1.0, section 2.2, Char.</summary>
    /// <param name="name">Valid UTF-8.</param>
    internal static bool IsXml(ReadOnlySpan<byte> name)
    {
        for (int i = 0; i < name.Length; i++)
        {
            byte b = name[i];
            if (b < 0x20 && b is not ((byte)'\t' or (byte)'\n' or (byte)'\r'))
            {
                return false;
            }

            // U+FFFE and U+FFFF
            if (b == 0xEF && i + 2 < name.Length && name[i + 1] == 0xBF && name[i + 2] >= 0xBE)
            {
                return false;
            }
        }

        return true;
    }

    internal static bool IsText(ReadOnlySpan<byte> name) => Utf8.IsValid(name);

    /// <summary>Whether a path goes through a directory of files that are being written, or is one.</summary>
    internal static bool HasStaging(ReadOnlySpan<byte> path)
    {
        foreach (Range name in path.Split(Slash))
        {
            if (path[name].SequenceEqual(Staging))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsName(ReadOnlySpan<byte> name) =>
        name.Length is > 0 and <= Linux.LinuxFiles.MaxName && !name.SequenceEqual(Staging)
        && !name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8) && !name.Contains((byte)0);
}
