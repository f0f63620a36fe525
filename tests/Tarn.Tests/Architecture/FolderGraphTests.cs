namespace Tarn.Tests.Architecture;

public sealed class FolderGraphTests
{
    [Fact]
    public void What_a_type_uses_anywhere_in_its_code_makes_an_arrow()
    {
        FolderGraph graph = FolderGraph.Read(typeof(FolderGraphTests).Assembly.Location, "Tarn.Tests.Architecture.Samples");
        (string from, string to, IReadOnlyCollection<string> types) = Assert.Single(graph.Arrows);
        Assert.Equal(("Users", "Used"), (from, to));
        string[] expected = [.. typeof(FolderGraphTests).Assembly.GetTypes()
            .Where(type => type.Namespace == "Tarn.Tests.Architecture.Samples.Used")
            .Select(type => $"User uses {type.Name}")
            .Order(StringComparer.Ordinal)];
        Assert.Equal(expected, types);
    }

    [Fact]
    public void A_circle_is_told_with_the_types_that_close_it()
    {
        var graph = new FolderGraph();
        graph.Add("A", "B", "a uses b");
        graph.Add("B", "B/C", "b uses c");
        Assert.Empty(graph.Circles());
        graph.Add("B/C", "A", "c uses a");
        Assert.Equal(3, graph.Circles().Count());
        Assert.Equal("A -> B (a uses b), B -> B/C (b uses c), B/C -> A (c uses a)", graph.Circles().First());
    }
}
