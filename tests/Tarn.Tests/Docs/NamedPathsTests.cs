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

    [Fact]
    public void Every_page_is_reached_from_the_index()
    {
        var reached = new HashSet<string> { "docs/README.md" };
        var open = new Queue<string>(reached);
        while (open.TryDequeue(out string? page))
        {
            string folder = Path.GetDirectoryName(page) ?? "";
            foreach (Match link in Link().Matches(Pages.Read(page)))
            {
                string target = Path.GetRelativePath(Pages.Root, Path.GetFullPath(Path.Combine(Pages.Root, folder, link.Groups[1].Value.Split('#')[0])));
                if (target.EndsWith(".md", StringComparison.Ordinal) && File.Exists(Path.Combine(Pages.Root, target)) && reached.Add(target)
                    && Path.GetFileName(target) == "README.md")
                {
                    open.Enqueue(target);
                }
            }
        }

        Assert.Empty(Pages.All().Except(reached).Except(["README.md"]));
    }

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
