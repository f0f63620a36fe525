using System.Globalization;
using System.Reflection;
using Tarn.Core.Records;

namespace Tarn.Tests.Docs;

public sealed class TablesPageTests
{
    [Fact]
    public void The_key_layout_lists_exactly_the_tables_there_are()
    {
        string[] expected = [.. typeof(Tables).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Where(field => field.FieldType == typeof(byte))
            .Select(field => string.Create(CultureInfo.InvariantCulture, $"`0x{field.GetRawConstantValue():X2}` {field.Name}"))
            .Order(StringComparer.Ordinal)];
        string[] listed = [.. Pages.Table("docs/design/key-layout.md", "| Table").Select(cells => cells[0]).Order(StringComparer.Ordinal)];
        Assert.Equal(expected, listed);
    }
}
