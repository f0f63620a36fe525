using System.Globalization;
using System.Text;
using Tarn.Core.Disks.Linux;

namespace Tarn.Core.Disks.Mounts;

/// <summary>A snapshot of the mount table. Finds the mounts that a path passes through. Immutable.</summary>
internal sealed class MountList
{
    private readonly MountEntry? _top;
    private readonly ILookup<int, MountEntry> _on;

    public MountList(IReadOnlyList<MountEntry> entries)
    {
        // The topmost mount has no parent that this process can see.
        HashSet<int> ids = [.. entries.Select(entry => entry.Id)];
        _top = entries.FirstOrDefault(entry => entry.Point == "/" && (!ids.Contains(entry.Parent) || entry.Parent == entry.Id));
        _on = entries.Where(entry => entry.Parent != entry.Id).ToLookup(entry => entry.Parent);
    }

    /// <param name="text">The contents of <c>/proc/self/mountinfo</c>.</param>
    /// <exception cref="IOException">The text has another format.</exception>
    public static MountList Parse(string text)
    {
        var entries = new List<MountEntry>();
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            // 36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
            string[] fields = line.Split(' ');
            int dash = Array.IndexOf(fields, "-", Math.Min(6, fields.Length));
            if (dash < 0 || fields.Length < dash + 3
                || !int.TryParse(fields[0], NumberStyles.None, CultureInfo.InvariantCulture, out int id)
                || !int.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out int parent))
            {
                throw new IOException($"/proc/self/mountinfo has a line that cannot be parsed: {line}");
            }

            entries.Add(new MountEntry(id, parent, Plain(fields[3]), Plain(fields[4]), Plain(fields[dash + 1]), Plain(fields[dash + 2])));
        }

        return new MountList(entries);
    }

    /// <summary>
    /// The mounts of a tree: the one that its root is in, then those below the root that a path can reach, ordered by mount point. Mounts that an
    /// automounter creates below the root come and go and are left out; the automounter's own mount is included.
    /// </summary>
    /// <param name="path">The root: absolute, without links.</param>
    /// <exception cref="IOException">The table has no root.</exception>
    public IReadOnlyList<MountEntry> Of(string path)
    {
        var found = new List<MountEntry> { At(path) };
        Below(found[0], path, found);
        found.Sort(1, found.Count - 1, Comparer<MountEntry>.Create((a, b) => string.CompareOrdinal(a.Point, b.Point)));
        return found;
    }

    /// <summary>Steps from mount to mount along the path as the kernel does: the first mount met is entered, and hides what lies below it.</summary>
    private MountEntry At(string path)
    {
        MountEntry at = _top ?? throw new IOException("/proc/self/mountinfo has no root.");
        while (_on[at.Id].Where(child => FilePaths.IsWithin(path, child.Point)).MinBy(child => child.Point.Length) is { } next)
        {
            at = next;
        }

        return at;
    }

    private void Below(MountEntry mount, string path, List<MountEntry> found)
    {
        if (mount.Type == "autofs")
        {
            return;
        }

        MountEntry[] children = [.. _on[mount.Id].Where(child => FilePaths.IsWithin(child.Point, path) && child.Point != path)];
        foreach (MountEntry child in children)
        {
            if (children.Any(other => other.Point.Length < child.Point.Length && FilePaths.IsWithin(child.Point, other.Point)))
            {
                continue;
            }

            MountEntry shown = child;
            while (shown.Type != "autofs" && _on[shown.Id].FirstOrDefault(other => other.Point == shown.Point) is { } above)
            {
                shown = above;
            }

            found.Add(shown);
            Below(shown, path, found);
        }
    }

    /// <summary>Undoes the octal escapes of space, tab, line end, backslash and number sign.</summary>
    private static string Plain(string field)
    {
        if (!field.Contains('\\', StringComparison.Ordinal))
        {
            return field;
        }

        byte[] bytes = Encoding.UTF8.GetBytes(field);
        int length = 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            bool escaped = bytes[i] == '\\' && i + 3 < bytes.Length && bytes.AsSpan(i + 1, 3).IndexOfAnyExceptInRange((byte)'0', (byte)'7') < 0;
            bytes[length++] = escaped ? (byte)(((bytes[i + 1] - '0') << 6) | ((bytes[i + 2] - '0') << 3) | (bytes[i + 3] - '0')) : bytes[i];
            i += escaped ? 3 : 0;
        }

        return Encoding.UTF8.GetString(bytes, 0, length);
    }
}
