using Tarn.S3.Routing;

namespace Tarn.Tests.Docs;

public sealed class OperationPagesTests
{
    [Fact]
    public void The_reference_lists_exactly_the_operations_there_are()
    {
        string[] expected = [.. OperationTable.Rows.Select(row => $"{row.Name} | {Request(row)} | {(row.Action.Length == 0 ? "none" : $"`{row.Action}`")}")];
        string[] listed = [.. Pages.Table("docs/reference/operations.md", "| Operation").Select(cells => string.Join(" | ", cells[..3]))];
        Assert.Equal(expected, listed);
    }

    [Fact]
    public void The_readme_lists_exactly_the_operations_there_are()
    {
        string[] expected = [.. OperationTable.Rows.Select(row => row.Name).Order(StringComparer.Ordinal)];
        string[] listed = [.. Pages.Table("README.md", "| Area")
            .SelectMany(cells => cells[1].Split(','))
            .Select(name => name.Trim())
            .Order(StringComparer.Ordinal)];
        Assert.Equal(expected, listed);
    }

    private static string Request(S3Operation row)
    {
        string path = row.Target switch
        {
            S3Target.Service => "/",
            S3Target.Bucket => "/{bucket}",
            _ => "/{bucket}/{key}",
        };
        string query = row.Query.Length == 0 ? "" : "?" + string.Join('&', row.Query);
        return $"`{row.Method} {path}{query}`" + (row.Header is null ? "" : $" with `{row.Header}`");
    }
}
