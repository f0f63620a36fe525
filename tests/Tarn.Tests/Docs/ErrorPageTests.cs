using System.Reflection;
using Tarn.Core.Errors;

namespace Tarn.Tests.Docs;

public sealed class ErrorPageTests
{
    [Fact]
    public void The_reference_lists_exactly_the_errors_there_are()
    {
        string[] expected = [.. typeof(S3Error).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Where(field => field.FieldType == typeof(S3Error))
            .Select(field => (field.Name, Error: (S3Error)field.GetValue(null)!))
            .Select(row => $"`{row.Name}` | {row.Error.Code} | {row.Error.Status} | {row.Error.Message}")];
        string[] listed = [.. Pages.Table("docs/reference/errors.md", "| Name in the source").Select(cells => string.Join(" | ", cells))];
        Assert.Equal(expected, listed);
    }
}
