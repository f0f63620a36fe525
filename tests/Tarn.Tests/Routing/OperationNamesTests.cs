using System.Text.RegularExpressions;
using Tarn.S3.Operations;
using Tarn.TestKit.Servers;

namespace Tarn.Tests.Routing;

/// <summary>What distinguishes operations is in their rows: no code compares the names of operations.</summary>
public sealed partial class OperationNamesTests
{
    private static readonly HashSet<string> Names = [.. OperationTable.Rows.Select(row => row.Name)];

    [Fact]
    public void No_source_file_compares_an_operation_with_a_name()
    {
        string root = Path.Combine(RepositoryLayout.Root, "src");
        string[] compared =
        [
            .. Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
                .SelectMany(file => Comparisons(File.ReadAllText(file)).Select(text => $"{Path.GetRelativePath(root, file)}: {text}")),
        ];
        Assert.Empty(compared);
    }

    [Theory]
    [InlineData("operation.Name == \"CopyObject\"")]
    [InlineData("operation.Name != name")]
    [InlineData("context.Operation!.Name is \"UploadPart\" or \"UploadPartCopy\"")]
    [InlineData("context.Operation?.Name.StartsWith(\"Get\", StringComparison.Ordinal)")]
    [InlineData("x is not \"DeleteObjects\"")]
    [InlineData("context.Operation is { Name: \"ListObjects\" }")]
    [InlineData("operation.Name switch { _ => 1 }")]
    [InlineData("\"GetObject\" => BucketCapabilities.Reading,")]
    [InlineData("\"GetObject\" or \"HeadObject\" => BucketCapabilities.Reading,")]
    public void A_comparison_is_found(string code) => Assert.NotEmpty(Comparisons(code));

    [Theory]
    [InlineData("new(\"CopyObject\", \"PUT\", S3Target.Object, \"s3:PutObject\")")]
    [InlineData("context.Operation?.Name ?? context.Request.Method")]
    [InlineData("XmlNames.Is(element, \"CompleteMultipartUpload\")")]
    public void Naming_an_operation_is_none(string code) => Assert.Empty(Comparisons(code));

    private static IEnumerable<string> Comparisons(string code) =>
        OfRow().Matches(code).Select(match => match.Value)
            .Concat(WithText().Matches(code).Where(match => Names.Contains(match.Groups["name"].Value)).Select(match => match.Value));

    [GeneratedRegex("""\b[oO]peration[!?]?\.Name(\s*(==|!=|is\b|switch\b)|\.(Equals|StartsWith|EndsWith|Contains)\b)|\b[oO]peration(:| is) \{[^}]*\bName:""")]
    private static partial Regex OfRow();

    [GeneratedRegex("""(==|!=|\bis|\bor|\bnot|\bcase|\bName:)\s*"(?<name>\w+)"|"(?<name>\w+)"\s*(==|!=|or\b|=>)""")]
    private static partial Regex WithText();
}
