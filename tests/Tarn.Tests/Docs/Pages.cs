using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Tarn.Tests.Docs;

/// <summary>The repository's documents as the tests read them.</summary>
internal static partial class Pages
{
    /// <summary>The top of the repository.</summary>
    public static string Root { get; } = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Here())!, "../../.."));

    /// <summary>Every Markdown page of the repository that speaks to its readers, as paths from the top.</summary>
    public static IEnumerable<string> All() =>
        Directory.EnumerateFiles(Root, "*.md")
            .Concat(Directory.EnumerateFiles(Path.Combine(Root, "docs"), "*.md", SearchOption.AllDirectories))
            .Select(path => Path.GetRelativePath(Root, path))
            .Order(StringComparer.Ordinal);

    public static string Read(string page) => File.ReadAllText(Path.Combine(Root, page));

    /// <summary>The rows of the first table whose header row begins with <paramref name="header"/>, cells trimmed.</summary>
    public static string[][] Table(string page, string header)
    {
        string[][] rows = [.. Read(page).Split('\n')
            .SkipWhile(line => !line.StartsWith(header, StringComparison.Ordinal))
            .Skip(2)
            .TakeWhile(line => line.StartsWith('|'))
            .Select(line => line.Trim().Trim('|').Split('|').Select(cell => cell.Trim()).ToArray())];
        Assert.True(rows.Length > 0, $"{page} has no table that begins with {header}");
        return rows;
    }

    /// <summary>The code spans of a text, without their backticks.</summary>
    public static string[] CodeSpans(string text) => [.. CodeSpan().Matches(text).Select(match => match.Groups[1].Value)];

    [GeneratedRegex("`([^`\n]+)`")]
    private static partial Regex CodeSpan();

    private static string Here([CallerFilePath] string path = "") => path;
}
