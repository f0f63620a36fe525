using System.Text.RegularExpressions;

namespace Tarn.TestKit.Metrics;

/// <summary>Finds the metrics that expressions of Prometheus name.</summary>
public static partial class PromQl
{
    /// <summary>Words that are no metrics although no parenthesis follows them.</summary>
    private static readonly HashSet<string> Words = ["and", "or", "unless", "by", "without", "on", "ignoring", "bool", "offset", "group_left", "group_right"];

    /// <summary>The metrics that an expression names.</summary>
    /// <param name="expression">The expression.</param>
    public static IEnumerable<string> Metrics(string expression)
    {
        string bare = Labels().Replace(NotNames().Replace(expression, " "), " ");
        return Name().Matches(bare).Select(static match => match.Value).Where(static name => !Words.Contains(name)).Distinct();
    }

    /// <summary>Matchers, ranges and texts.</summary>
    [GeneratedRegex("""\{[^}]*\}|\[[^\]]*\]|"[^"]*"|'[^']*'""")]
    private static partial Regex NotNames();

    /// <summary>Lists of labels.</summary>
    [GeneratedRegex(@"\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)")]
    private static partial Regex Labels();

    [GeneratedRegex(@"(?<![\w.])[a-zA-Z_:][\w:]*\b(?!\s*\()")]
    private static partial Regex Name();
}
