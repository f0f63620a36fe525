using System.Text.RegularExpressions;
using Tarn.S3.Operations;
using Tarn.S3.Routing;
using Tarn.Tests.Docs;

namespace Tarn.Tests.Architecture;

/// <summary>A test's name is a sentence: words joined by underscores, so that a failure reads as what does not hold.</summary>
public sealed partial class TestNameTests
{
    [Fact]
    public void Names_of_tests_are_sentences()
    {
        string[] operations = [.. OperationTable.Rows.Concat(NotImplementedOperations.Rows).Select(row => row.Name)];
        (string File, string Name)[] tests = [.. Directory.EnumerateFiles(Path.Combine(Pages.Root, "tests"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => Names(File.ReadAllText(file)).Select(name => (Path.GetRelativePath(Pages.Root, file), name)))];
        Assert.True(tests.Length > 1000, $"only {tests.Length} tests found");
        Assert.DoesNotContain(tests, test => IsRunTogether(test.Name) && !operations.Contains(test.Name));
    }

    [Theory]
    [InlineData("[Fact]\n    public void ThreeFormsOfDates()", "ThreeFormsOfDates")]
    [InlineData("[Theory]\n    [InlineData(\"a(b)\")] // [Fact]\n    public async Task ReadsAll(string a)", "ReadsAll")]
    [InlineData("[Fact(Timeout = 60_000)]\n    public static Task A_sentence()", "A_sentence")]
    [InlineData("[UnixFact, Trait(\"a\", \"b\")]\n    // Why.\n    public async ValueTask<int> Two()", "Two")]
    [InlineData("public void NoTest()\n    [Fact]\n    public void A()", "A")]
    public void Tests_are_found_in_sources(string source, string name) => Assert.Equal([name], Names(source));

    [Theory]
    [InlineData("ThreeFormsOfDates", true)]
    [InlineData("PathStyle", true)]
    [InlineData("ARefusal", true)]
    [InlineData("Scopes", false)]
    [InlineData("ETag_of_parts", false)]
    [InlineData("GetObject_is_refused", false)]
    public void Words_run_together_are_no_sentence(string name, bool runTogether) => Assert.Equal(runTogether, IsRunTogether(name));

    private static bool IsRunTogether(string name) => !name.Contains('_') && Capital().Count(name) > 1;

    private static string[] Names(string source) => [.. Test().Matches(source).Select(match => match.Groups["name"].Value)];

    [GeneratedRegex("[A-Z]")]
    private static partial Regex Capital();

    [GeneratedRegex(@"^\s*\[\w*(?:Fact|Theory)\b(?s:.*?)^\s*(?:public|internal|protected) [\w<>,?\[\]. ]+ (?<name>\w+)\(", RegexOptions.Multiline)]
    private static partial Regex Test();
}
