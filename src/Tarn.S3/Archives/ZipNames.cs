using System.Text;

namespace Tarn.S3.Archives;

/// <summary>
/// Names of files in an archive for keys, which may be any text: relative paths that leave no directory, on no system, and of which no two are one file, nor one a file and another its directory. What differs only in
/// case is one file on some systems. How Unicode composes letters is not looked at: the program has no tables for it.
/// </summary>
internal static class ZipNames
{
    private const string Reserved = " aux con nul prn com0 com1 com2 com3 com4 com5 com6 com7 com8 com9 lpt0 lpt1 lpt2 lpt3 lpt4 lpt5 lpt6 lpt7 lpt8 lpt9 ";

    /// <summary>Names the keys, in their order.</summary>
    /// <param name="keys">The keys, each once.</param>
    /// <param name="folder">What all keys begin with and no name has: empty, or something that ends with a slash.</param>
    /// <returns>The names; those of directories end with a slash.</returns>
    public static string[] Of(IReadOnlyList<ArchiveKey> keys, string folder)
    {
        string[] names = [.. keys.Select(key => Safe(key.Text.StartsWith(folder, StringComparison.Ordinal) ? key.Text[folder.Length..] : key.Text, key.IsDirectory))];
        var directories = new HashSet<string>(StringComparer.Ordinal);
        foreach (string name in names)
        {
            for (int slash = name.IndexOf('/', StringComparison.Ordinal); slash >= 0; slash = name.IndexOf('/', slash + 1))
            {
                directories.Add(name[..slash].ToUpperInvariant());
            }
        }

        var files = new HashSet<string>(StringComparer.Ordinal);
        var marked = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < names.Length; i++)
        {
            bool isDirectory = names[i].EndsWith('/');
            string name = names[i].TrimEnd('/'), free = name;
            for (int number = 2; !TryTake(free.ToUpperInvariant(), isDirectory); number++)
            {
                free = Numbered(name, number);
            }

            names[i] = isDirectory ? free + "/" : free;
        }

        return names;

        // A directory that an object stands for may also be that of others, but it is not a file.
        bool TryTake(string folded, bool isDirectory) => isDirectory ? !files.Contains(folded) && marked.Add(folded) : !directories.Contains(folded) && !marked.Contains(folded) && files.Add(folded);
    }

    /// <summary>The folder that everything is in: of keys what is before their last slash, of prefixes what is before the name that they begin.</summary>
    public static string FolderOf(IEnumerable<string> keys, IEnumerable<string> prefixes)
    {
        string? common = null;
        foreach (string one in keys.Concat(prefixes))
        {
            string parent = one[..(one.AsSpan(0, Math.Max(one.Length - 1, 0)).LastIndexOf('/') + 1)];
            common = common is null ? parent : Shared(common, parent);
        }

        return common ?? "";
    }

    private static string Shared(string one, string other)
    {
        int length = one.AsSpan().CommonPrefixLength(other);
        return one[..(one.AsSpan(0, length).LastIndexOf('/') + 1)];
    }

    private static string Safe(string key, bool isDirectory)
    {
        var parts = new List<string>();
        foreach (string part in key.Split('/'))
        {
            if (part.Length > 0 && part != ".")
            {
                parts.Add(SafePart(part));
            }
        }

        return parts.Count == 0 ? "_" : string.Join('/', parts) + (isDirectory ? "/" : "");
    }

    /// <summary>
    /// One name: without what is a separator, a drive or a stream anywhere, or controls terminals; without dots and spaces at its end, which Windows leaves out, so that nothing becomes <c>..</c>; and without names of devices.
    /// </summary>
    private static string SafePart(string part)
    {
        var safe = new StringBuilder(part);
        for (int i = 0; i < safe.Length; i++)
        {
            safe[i] = safe[i] is '\\' or ':' || char.IsControl(safe[i]) ? '_' : safe[i];
        }

        for (int i = safe.Length - 1; i >= 0 && safe[i] is '.' or ' '; i--)
        {
            safe[i] = '_';
        }

        string name = safe.ToString();
        int dot = name.IndexOf('.', StringComparison.Ordinal);
        string stem = (dot < 0 ? name : name[..dot]).TrimEnd();
        return Reserved.Contains($" {stem} ", StringComparison.OrdinalIgnoreCase) && stem.Length > 0 ? "_" + name : name;
    }

    /// <summary><c>a (2).txt</c>.</summary>
    private static string Numbered(string name, int number)
    {
        int slash = name.LastIndexOf('/'), dot = name.LastIndexOf('.');
        int at = dot > slash + 1 ? dot : name.Length;
        return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{name[..at]} ({number}){name[at..]}");
    }
}
