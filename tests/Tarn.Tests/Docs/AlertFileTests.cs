using System.Text.RegularExpressions;

namespace Tarn.Tests.Docs;

public sealed partial class AlertFileTests
{
    /// <summary>What Prometheus has by itself, and this server's runtime.</summary>
    private static readonly string[] Others = ["process_uptime_seconds"];

    [Fact]
    public void Every_metric_in_the_alert_rules_is_one_that_the_server_exports()
    {
        string[] used = [.. Used().Distinct().Order(StringComparer.Ordinal)];
        Assert.InRange(used.Length, 5, 100);
        Assert.Empty(used.Except(MetricsPageTests.Exported()).Except(Others));
    }

    [Fact]
    public void Every_metric_of_which_the_page_says_that_an_alert_is_to_be_set_has_a_rule()
    {
        string[] wanted = [.. Pages.Table("docs/reference/metrics.md", "| Metric")
            .Where(static cells => cells[^1].Contains("set an alert on it", StringComparison.Ordinal) && cells[0].Contains("scrub", StringComparison.Ordinal))
            .SelectMany(static cells => Pages.CodeSpans(cells[0]))];
        Assert.NotEmpty(wanted);
        Assert.Empty(wanted.Except(Used()));
    }

    private static IEnumerable<string> Used()
    {
        string rules = Pages.Read("deploy/tarn-alerts.yml");
        return from Match expression in Expression().Matches(rules) from Match name in Name().Matches(expression.Value) select name.Value;
    }

    /// <summary>The expressions of the rules, which end where the next field begins.</summary>
    [GeneratedRegex(@"expr:.*?(?=\n +(for|labels):)", RegexOptions.Singleline)]
    private static partial Regex Expression();

    [GeneratedRegex(@"\b[a-z]+(_[a-z0-9]+)+\b")]
    private static partial Regex Name();
}
