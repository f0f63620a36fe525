using System.Text.RegularExpressions;

namespace Tarn.Tests.Docs;

public sealed partial class MetricsPageTests
{
    [Fact]
    public void The_page_lists_exactly_the_instruments_there_are()
    {
        string[] expected = Exported();
        Assert.Equal(expected.Distinct(), expected);
        string[] listed = [.. Pages.Table("docs/reference/metrics.md", "| Metric").SelectMany(cells => Pages.CodeSpans(cells[0])).Order(StringComparer.Ordinal)];
        Assert.Equal(expected, listed);
    }

    [Fact]
    public void Every_instrument_has_a_unit_or_is_a_flag() =>
        Assert.Equal(["tarn.accelerator.registered", "tarn.blobs.set_aside_kept", "tarn.metadata.failed", "tarn.scrub.paused"], Declared().Where(instrument => instrument.Unit is null).Select(instrument => instrument.Name).Order(StringComparer.Ordinal));

    /// <summary>The names under which Prometheus has the instruments, in order.</summary>
    public static string[] Exported() => [.. Declared().Select(PrometheusName).Order(StringComparer.Ordinal)];

    /// <summary>The instruments as the sources declare them: many are not created before they measure.</summary>
    private static IEnumerable<(string Kind, string Name, string? Unit)> Declared() =>
        from path in Directory.EnumerateFiles(Path.Combine(Pages.Root, "src"), "*.cs", SearchOption.AllDirectories)
        from Match match in Instrument().Matches(File.ReadAllText(path))
        select (match.Groups["kind"].Value, match.Groups["name"].Value, match.Groups["unit"] is { Success: true, Value: var unit } ? unit : null);

    private static string PrometheusName((string Kind, string Name, string? Unit) instrument)
    {
        string suffix = instrument.Unit switch { "By" => "_bytes", "s" => "_seconds", _ => "" };
        string name = instrument.Name.Replace('.', '_');
        return (name.EndsWith(suffix, StringComparison.Ordinal) ? name : name + suffix) + (instrument.Kind == "Counter" ? "_total" : "");
    }

    [GeneratedRegex("""Create(Observable)?(?<kind>Counter|UpDownCounter|Gauge|Histogram)(<\w+>)?\(\s*"(?<name>[a-z0-9_.]+)"(?:(?!description:)[^;"])*(?:"(?<unit>By|s|\{\w+\})")?""")]
    private static partial Regex Instrument();
}
