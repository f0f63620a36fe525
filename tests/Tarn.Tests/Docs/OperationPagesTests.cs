using Tarn.S3.Operations;
using Tarn.S3.Routing;
using Tarn.Tests.Golden;

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
    public void The_reference_says_what_each_operation_refuses()
    {
        string[] expected = [.. OperationTable.Rows.Select(row => $"{row.Name} | {Refused(row)}").Where(line => !line.EndsWith("| ", StringComparison.Ordinal))];
        string[] listed = [.. Pages.Table("docs/reference/operations.md", "| Operation | Refuses").Select(cells => string.Join(" | ", cells))];
        Assert.Equal(expected, listed);
    }

    [Fact]
    public void The_reference_lists_exactly_the_operations_that_are_not_implemented()
    {
        string[] expected = [.. NotImplementedOperations.Rows.Select(row => $"{row.Name} | {Request(row)}")];
        string[] listed = [.. Pages.Table("docs/reference/operations.md", "| Not implemented").Select(cells => string.Join(" | ", cells))];
        Assert.Equal(expected, listed);
    }

    /// <summary>What its row refuses, and the parts of S3's model for it that are refused everywhere. The model has no forms; their fields are PutObject's headers.</summary>
    private static string Refused(S3Operation row)
    {
        S3Model? model = S3Model.Find(row.Name == "PostObject" ? "PutObject" : row.Name);
        RefusedHeader?[] ofModel = [.. (model?.Headers ?? []).Select(header => row.Refused.Find(header))];
        return string.Join(", ", row.Refuses.Concat(RefusedHeader.NotImplemented.Where(ofModel.Contains)).Select(header => $"`{header.Name}`"));
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
