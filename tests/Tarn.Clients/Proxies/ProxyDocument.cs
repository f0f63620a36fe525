using System.Text.RegularExpressions;
using Tarn.TestKit.Servers;

namespace Tarn.Clients.Proxies;

/// <summary>The configurations in docs/operations/reverse-proxy.md.</summary>
internal static partial class ProxyDocument
{
    /// <summary>The block of a language, with the document's change for a path prefix or without.</summary>
    public static string Configuration(string language, bool belowPath)
    {
        string document = File.ReadAllText(Path.Combine(RepositoryLayout.Root, "docs", "operations", "reverse-proxy.md"));
        string start = $"```{language}\n";
        int at = document.IndexOf(start, StringComparison.Ordinal) + start.Length;
        Assert.True(at >= start.Length, $"The document has no block of {language}.");
        string block = document[at..document.IndexOf("\n```", at, StringComparison.Ordinal)];
        if (!belowPath)
        {
            return block;
        }

        string row = document.Split('\n').Single(line => line.StartsWith($"| {language} |", StringComparison.OrdinalIgnoreCase));
        string[] cells = row.Split('|');
        string before = Code().Match(cells[2]).Groups[1].Value;
        Assert.Contains(before, block, StringComparison.Ordinal);
        return block.Replace(before, string.Join("\n    ", Code().Matches(cells[3]).Select(code => code.Groups[1].Value)), StringComparison.Ordinal);
    }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();
}
