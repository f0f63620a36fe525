using System.Collections.Frozen;
using System.Text;

namespace Tarn.S3.Archives;

/// <summary>
/// Names of files in an archive for keys, which may be any text: relative paths that leave no directory, on no system, and of which no two are one file, nor one a file and another its directory. What differs only in
/// case is one file on some systems. How Unicode composes letters is not looked at: the program has no tables for it. What they take is in proportion to the length of the keys.
/// </summary>
internal static class ZipNames
{
    /// <summary>The names of devices of Windows, whatever follows after a dot. Source: Microsoft, "Naming Files, Paths, and Namespaces".</summary>
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Devices = FrozenSet.ToFrozenSet(
        ["aux", "con", "conin$", "conout$", "nul", "prn", .. "0123456789\u00B9\u00B2\u00B3".SelectMany(static number => new[] { $"com{number}", $"lpt{number}" })],
        StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Names the keys, in their order.</summary>
    /// <param name="keys">The keys, each once.</param>
    /// <param name="folder">What all keys begin with and no name has: empty, or something that ends with a slash.</param>
    /// <param name="cancellationToken">Ends it between two keys.</param>
    /// <returns>The names; those of directories end with a slash.</returns>
    public static string[] Of(IReadOnlyList<ArchiveKey> keys, string folder, CancellationToken cancellationToken)
    {
        string[] names = new string[keys.Count], folded = new string[keys.Count];
        var buffer = new StringBuilder();
        for (int i = 0; i < names.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ReadOnlySpan<char> key = keys[i].Text;
            names[i] = Safe(key.StartsWith(folder, StringComparison.Ordinal) ? key[folder.Length..] : key, keys[i].IsDirectory, buffer);
            folded[i] = Folded(names[i]);
        }

        var taken = new TakenNames(folded);
        for (int i = 0; i < names.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            bool isDirectory = names[i].EndsWith('/');
            string name = names[i].TrimEnd('/'), first = folded[i].TrimEnd('/');
            if (!taken.TryTake(first, isDirectory))
            {
                do
                {
                    names[i] = Numbered(name, taken.NextNumber(first));
                }
                while (!taken.TryTake(Folded(names[i]), isDirectory));
                names[i] += isDirectory ? "/" : "";
            }
        }

        return names;
    }

    /// <summary>The folder that everything is in: of keys what is before their last slash, of prefixes what is before the name that they begin.</summary>
    public static string FolderOf(IEnumerable<string> keys, IEnumerable<string> prefixes)
    {
        string? common = null;
        foreach (string one in keys.Concat(prefixes))
        {
            ReadOnlySpan<char> parent = one.AsSpan(0, one.AsSpan(0, Math.Max(one.Length - 1, 0)).LastIndexOf('/') + 1);
            common = common is null ? parent.ToString() : Shared(common, parent);
        }

        return common ?? "";
    }

    private static string Shared(string one, ReadOnlySpan<char> other)
    {
        int length = one.AsSpan().CommonPrefixLength(other);
        return length == one.Length ? one : one[..(one.AsSpan(0, length).LastIndexOf('/') + 1)];
    }

    private static string Folded(string name) => name.ToUpperInvariant();

    private static string Safe(ReadOnlySpan<char> key, bool isDirectory, StringBuilder name)
    {
        name.Clear();
        foreach (Range range in key.Split('/'))
        {
            ReadOnlySpan<char> part = key[range];
            if (part is not ([] or "."))
            {
                AppendSafe(name.Length > 0 ? name.Append('/') : name, part);
            }
        }

        return name.Length == 0 ? "_" : (isDirectory ? name.Append('/') : name).ToString();
    }

    /// <summary>
    /// One name: without what is a separator, a drive, a stream or a pattern anywhere, controls terminals or turns text around; without dots and spaces at its end, which Windows leaves out, so that nothing becomes <c>..</c>;
    /// and without names of devices.
    /// </summary>
    private static void AppendSafe(StringBuilder name, ReadOnlySpan<char> part)
    {
        int kept = part.TrimEnd(". ").Length;
        int dot = part[..kept].IndexOf('.');
        if (Devices.Contains(dot < 0 ? part : part[..dot].TrimEnd(' ')))
        {
            name.Append('_');
        }

        for (int i = 0; i < part.Length; i++)
        {
            name.Append(i >= kept || IsUnsafe(part[i]) ? '_' : part[i]);
        }
    }

    private static bool IsUnsafe(char c) => char.IsControl(c)
        || c is '\\' or ':' or '<' or '>' or '"' or '|' or '?' or '*'

            // The bidirectional controls. Source: Unicode Standard Annex #9, table 4.
            or '\u061C' or '\u200E' or '\u200F' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');

    /// <summary><c>a (2).txt</c>.</summary>
    private static string Numbered(string name, int number)
    {
        int slash = name.LastIndexOf('/'), dot = name.LastIndexOf('.');
        int at = dot > slash + 1 ? dot : name.Length;
        return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{name[..at]} ({number}){name[at..]}");
    }

    /// <summary>Which names are taken, without their case.</summary>
    private sealed class TakenNames
    {
        private readonly string[] _sorted;
        private readonly HashSet<string> _files = new(StringComparer.Ordinal);
        private readonly HashSet<string> _marked = new(StringComparer.Ordinal);
        private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);

        /// <param name="names">All names as they would be without numbers: a number changes no directory that others are in.</param>
        public TakenNames(string[] names)
        {
            _sorted = [.. names];
            Array.Sort(_sorted, StringComparer.Ordinal);
        }

        /// <summary>Takes a name. A directory that an object stands for may also be that of others, but it is not a file.</summary>
        public bool TryTake(string name, bool isDirectory) =>
            isDirectory ? !_files.Contains(name) && _marked.Add(name) : !HasDirectory(name) && !_marked.Contains(name) && _files.Add(name);

        /// <summary>The number for a name that is taken; no number comes twice, since one that was not free then is not free later.</summary>
        public int NextNumber(string name) => _numbers[name] = _numbers.GetValueOrDefault(name, 1) + 1;

        private bool HasDirectory(string name)
        {
            // All that begin with the same are together, from where that itself would be.
            string begin = name + "/";
            int at = Array.BinarySearch(_sorted, begin, StringComparer.Ordinal);
            at = at < 0 ? ~at : at;
            return at < _sorted.Length && _sorted[at].StartsWith(begin, StringComparison.Ordinal);
        }
    }
}
