using Tarn.TestKit.Metrics;

namespace Tarn.Tests.Docs;

public sealed class PromQlTests
{
    [Theory]
    [InlineData("a_total > 0", "a_total")]
    [InlineData("sum by (le, x) (rate(b_bucket{c=\"d e\"}[5m])) / on (instance) f", "b_bucket f")]
    [InlineData("time() - max by (i) (max_over_time(g[30d])) > 2 * 86400", "g")]
    [InlineData("(h unless i) and topk(10, j + 1e3) or a_total == bool k offset 5m", "h i j a_total k")]
    public void Metrics_are_found_and_nothing_else(string expression, string metrics) => Assert.Equal(metrics.Split(' '), PromQl.Metrics(expression));
}
