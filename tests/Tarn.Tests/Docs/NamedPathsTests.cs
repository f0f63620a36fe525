using System.Text.RegularExpressions;

namespace Tarn.Tests.Docs;

public sealed partial class NamedPathsTests
{
    public static TheoryData<string> Documents => [.. Pages.All()];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_path_that_a_page_names_exists(string page)
    {
        string text = Pages.Read(page);
        string folder = Path.GetDirectoryName(page) ?? "";
        IEnumerable<string> named = TreePath().Matches(text).Select(match => match.Value.TrimEnd('.', '-'));
        IEnumerable<string> linked = Link().Matches(text).Select(match => match.Groups[1].Value)
            .Where(target => !target.Contains("://", StringComparison.Ordinal) && !target.StartsWith('#'))
            .Select(target => Path.Combine(folder, target.Split('#')[0]));
        string[] missing = [.. named.Concat(linked).Distinct().Where(path => !Path.Exists(Path.Combine(Pages.Root, path)))];
        Assert.Empty(missing);
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_source_file_that_a_page_names_alone_exists_somewhere(string page)
    {
        IEnumerable<string> named = Pages.CodeSpans(Pages.Read(page)).Where(span => SourceFile().IsMatch(span));
        string[] missing = [.. named.Distinct().Where(name => !SourceNames.Value.Contains(name))];
        Assert.Empty(missing);
    }

    [Fact]
    public void The_pages_that_the_others_start_from_are_there() =>
        Assert.Superset(new HashSet<string>(["ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "README.md", "SECURITY.md"]), Pages.All().ToHashSet());

    private static readonly Lazy<HashSet<string>> SourceNames = new(() =>
        [.. new[] { "src", "tests", "bench" }
            .SelectMany(top => Directory.EnumerateFiles(Path.Combine(Pages.Root, top), "*", SearchOption.AllDirectories))
            .Select(path => Path.GetFileName(path))]);

    // A path from the top of the tree; one that only ends like it (in a URL, or below another folder) is not meant.
    [GeneratedRegex(@"(?<![\w/.{-])(?:src|tests|docs|bench|deploy|eng|\.ci)/[\w./-]*")]
    private static partial Regex TreePath();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^[\w.]+\.(?:cs|csproj|mjs|sh)$")]
    private static partial Regex SourceFile();
}
