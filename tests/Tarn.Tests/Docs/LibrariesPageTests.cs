using System.Text.RegularExpressions;

namespace Tarn.Tests.Docs;

public sealed partial class LibrariesPageTests
{
    [Fact]
    public void Every_package_has_a_reason_and_a_project_that_uses_it()
    {
        string[] pinned = [.. Pinned().Matches(Pages.Read("Directory.Packages.props")).Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal)];
        string[] used = [.. ProjectFiles()
            .SelectMany(path => Referenced().Matches(File.ReadAllText(path)))
            .Select(match => match.Groups[1].Value)
            .Distinct()
            .Order(StringComparer.Ordinal)];
        string[] explained = [.. Pages.Read("docs/decisions/0019-libraries.md").Split('\n')
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal) && !line.StartsWith("| Package", StringComparison.Ordinal))
            .Select(line => line.Split('|')[1].Trim())
            .Order(StringComparer.Ordinal)];
        Assert.Equal(pinned, used);
        Assert.Equal(pinned, explained);
    }

    private static IEnumerable<string> ProjectFiles() =>
        new[] { "src", "tests", "bench" }.SelectMany(top => Directory.EnumerateFiles(Path.Combine(Pages.Root, top), "*.*", SearchOption.AllDirectories))
            .Where(path => path.EndsWith(".csproj", StringComparison.Ordinal) || path.EndsWith("Directory.Build.props", StringComparison.Ordinal));

    [GeneratedRegex("""<PackageVersion Include="([^"]+)"\s+Version""")]
    private static partial Regex Pinned();

    [GeneratedRegex("""<PackageReference Include="([^"]+)"\s*/?""")]
    private static partial Regex Referenced();
}
