namespace Tarn.Clients.Harness;

/// <summary>docs/operations/applications.md, whose blocks are run as written.</summary>
internal static class ApplicationsPage
{
    /// <summary>The page's text.</summary>
    public static string Text { get; } = PageBlock.TextOf("applications.md");

    /// <summary>Its blocks, in order.</summary>
    public static IReadOnlyList<PageBlock> Blocks { get; } = PageBlock.Read(Text);

    /// <summary>The sections of the page with their text, by heading.</summary>
    public static IReadOnlyDictionary<string, string> Sections { get; } =
        Text.Split("\n## ")[1..].ToDictionary(section => section[..section.IndexOf('\n', StringComparison.Ordinal)], StringComparer.Ordinal);
}
