using System.Text.Json;
using Tarn.TestKit.Programs;

namespace Tarn.EndToEnd.Console.Harness;

/// <summary>One page of the console's own list, <c>console/dev/pages.json</c>, which has one of every route.</summary>
/// <param name="Name">Its name, of which there is one.</param>
/// <param name="Path">Where it is. <c>{disk}</c>, <c>{job}</c> and <c>{request}</c> stand for ids.</param>
/// <param name="Open">The name of the button that is pressed there; null: none.</param>
/// <param name="Outside">Whether it is for those who have not signed in.</param>
public sealed record ListedPage(string Name, string Path, string? Open = null, bool Outside = false)
{
    /// <summary>The list.</summary>
    public static ListedPage[] Read() =>
        JsonSerializer.Deserialize<ListedPage[]>(File.ReadAllText(System.IO.Path.Combine(ConsoleBuild.Folder, "dev", "pages.json")), JsonSerializerOptions.Web)!;

    /// <summary>The path with the ids of a disk, a job and a request in it.</summary>
    public string PathWith(string disk, string job, string request) =>
        Path.Replace("{disk}", disk, StringComparison.Ordinal).Replace("{job}", job, StringComparison.Ordinal).Replace("{request}", request, StringComparison.Ordinal);
}
