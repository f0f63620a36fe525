using Tarn.TestKit.Servers;

namespace Tarn.Clients.Harness;

/// <summary>A block of docs/operations/applications.md.</summary>
/// <param name="Section">The heading it is under.</param>
/// <param name="Language">The word after the fence: <c>sh</c>, <c>python</c>, <c>ini</c>.</param>
/// <param name="Rest">What follows that: <c>run</c>, <c>run host-style</c>, or the name of the file that the block is.</param>
/// <param name="Text">The block.</param>
internal sealed record PageBlock(string Section, string Language, string Rest, string Text)
{
    /// <summary>Whether it is run.</summary>
    public bool Runs => Rest.StartsWith("run", StringComparison.Ordinal);
}

/// <summary>Reads docs/operations/applications.md, whose blocks are run as written.</summary>
internal static class ApplicationsPage
{
    private const string Fence = "```";

    /// <summary>The page's text.</summary>
    public static string Text { get; } = File.ReadAllText(Path.Combine(RepositoryLayout.Root, "docs", "operations", "applications.md"));

    /// <summary>Its blocks, in order.</summary>
    public static IReadOnlyList<PageBlock> Blocks { get; } = Read(Text);

    /// <summary>The sections of the page with their text, by heading.</summary>
    public static IReadOnlyDictionary<string, string> Sections { get; } =
        Text.Split("\n## ")[1..].ToDictionary(section => section[..section.IndexOf('\n', StringComparison.Ordinal)], StringComparer.Ordinal);

    private static List<PageBlock> Read(string text)
    {
        var blocks = new List<PageBlock>();
        (string section, string? info) = ("", null);
        var lines = new List<string>();
        foreach (string line in text.Split('\n'))
        {
            if (line.StartsWith(Fence, StringComparison.Ordinal) && info is null)
            {
                info = line[Fence.Length..];
                lines.Clear();
            }
            else if (line == Fence)
            {
                string[] words = info!.Split(' ', 2);
                blocks.Add(new PageBlock(section, words[0], words.ElementAtOrDefault(1) ?? "", string.Join('\n', lines) + "\n"));
                info = null;
            }
            else if (info is not null)
            {
                lines.Add(line);
            }
            else if (line.StartsWith("## ", StringComparison.Ordinal))
            {
                section = line[3..];
            }
        }

        return blocks;
    }
}
