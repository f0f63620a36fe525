using Tarn.Tests.Docs;

namespace Tarn.Tests.Deployment;

/// <summary>The Helm chart in deploy/helm/tarn.</summary>
internal static class Chart
{
    private const string Folder = "deploy/helm/tarn";

    /// <summary>The one value that has no default.</summary>
    private const string Image = "image: { repository: registry.example.com/tarn }";

    /// <summary>The values that it has by default.</summary>
    public static IReadOnlyDictionary<string, object?> Defaults { get; } = ChartYaml.Read(Pages.Read($"{Folder}/values.yaml"));

    /// <summary>The chart's own description.</summary>
    public static IReadOnlyDictionary<string, object?> About { get; } = ChartYaml.Read(Pages.Read($"{Folder}/Chart.yaml"));

    /// <summary>Its templates by file name.</summary>
    public static IReadOnlyDictionary<string, string> Templates { get; } = Directory.EnumerateFiles(Path.Combine(Pages.Root, Folder, "templates"))
        .Order(StringComparer.Ordinal).ToDictionary(path => Path.GetFileName(path), File.ReadAllText);

    /// <summary>The documents that it renders, one of each template that renders anything.</summary>
    /// <param name="release">The name of the release.</param>
    /// <param name="changes">YAML of the values that differ from the defaults, and from an image of an example.</param>
    public static IReadOnlyList<string> Render(string release = "tarn", string changes = "{}")
    {
        var root = new Dictionary<string, object?>
        {
            ["Values"] = ChartYaml.Merged(ChartYaml.Merged(Defaults, ChartYaml.Read(Image)), ChartYaml.Read(changes)),
            ["Release"] = new Dictionary<string, object?> { ["Name"] = release },
            ["Chart"] = new Dictionary<string, object?> { ["AppVersion"] = About["appVersion"] },
        };
        return [.. Templates.Values.Select(template => ChartTemplate.Render(template, root).TrimStart('\n')).Where(document => document.Trim().Length > 0)];
    }
}
