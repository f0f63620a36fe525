using Tarn.TestKit.Servers;

namespace Tarn.Clients.Harness;

/// <summary>A block of a page of docs/operations that has commands to run.</summary>
/// <param name="Section">The heading it is under.</param>
/// <param name="Language">The word after the fence: <c>sh</c>, <c>python</c>, <c>ini</c>.</param>
/// <param name="Rest">What follows that: <c>run</c>, <c>run host-style</c>, or the name of the file that the block is.</param>
/// <param name="Text">The block.</param>
internal sealed record PageBlock(string Section, string Language, string Rest, string Text)
{
    private const string Fence = "```";

    /// <summary>Whether it is run.</summary>
    public bool Runs => Rest.StartsWith("run", StringComparison.Ordinal);

    /// <summary>The text of a page of docs/operations.</summary>
    public static string TextOf(string page) => File.ReadAllText(Path.Combine(RepositoryLayout.Root, "docs", "operations", page));

    /// <summary>The blocks of a page's text, in order.</summary>
    public static IReadOnlyList<PageBlock> Read(string text)
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
