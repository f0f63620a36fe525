using System.Text.RegularExpressions;
using Tarn.TestKit.Metrics;

namespace Tarn.Tests.Docs;

public sealed partial class AlertFileTests
{
    /// <summary>Those of this server's runtime.</summary>
    private static readonly string[] Others = ["process_uptime_seconds"];

    [Fact]
    public void Every_metric_in_the_alert_rules_is_one_that_the_server_exports()
    {
        string[] used = [.. Used().Distinct().Order(StringComparer.Ordinal)];
        Assert.InRange(used.Length, 20, 100);
        Assert.Empty(used.Except(MetricsPageTests.Exported()).Except(Others));
    }

    [Fact]
    public void Every_metric_of_which_the_page_says_that_an_alert_is_to_be_set_has_a_rule()
    {
        string[] wanted = [.. Pages.Table("docs/reference/metrics.md", "| Metric")
            .Where(static cells => cells[^1].Contains("et an alert on", StringComparison.Ordinal) && !cells[^1].Contains("on the second", StringComparison.Ordinal))
            .SelectMany(static cells => Pages.CodeSpans(cells[0]))];
        Assert.InRange(wanted.Length, 10, 100);
        Assert.Empty(wanted.Except(Used()));
    }

    [Fact]
    public void Every_rule_has_a_test()
    {
        string tests = File.ReadAllText(Path.Combine(Pages.Root, "deploy", "tarn-alerts-test.yml")) + File.ReadAllText(Path.Combine(Pages.Root, "deploy", "tarn-alerts-test-minutes.yml"));
        string[] firing = [.. Firing().Matches(tests).Select(static match => match.Groups[1].Value)];
        Assert.Empty(Alert().Matches(Rules()).Select(static match => match.Groups[1].Value).Except(firing));
    }

    /// <summary>The metrics of the rules; of a histogram's, its own name.</summary>
    private static IEnumerable<string> Used() =>
        from Match expression in Expression().Matches(Rules()) from name in PromQl.Metrics(expression.Groups[1].Value) select name.EndsWith("_bucket", StringComparison.Ordinal) ? name[..^"_bucket".Length] : name;

    private static string Rules() => File.ReadAllText(Path.Combine(Pages.Root, "deploy", "tarn-alerts.yml"));

    /// <summary>The expressions of the rules, which end where the next field begins.</summary>
    [GeneratedRegex(@"expr: (?:>-)?(.*?)(?=\n +(?:for|labels):)", RegexOptions.Singleline)]
    private static partial Regex Expression();

    [GeneratedRegex(@"- alert: (\w+)")]
    private static partial Regex Alert();

    [GeneratedRegex(@"alertname: (\w+)\n +exp_alerts:")]
    private static partial Regex Firing();
}
