using System.Text.Json;
using Tarn.TestKit.Servers;

namespace Tarn.Clients.Packages;

/// <summary>What deploy/container/Containerfile says of how the image is started.</summary>
/// <param name="Environment">Its <c>ENV</c> lines, one variable each.</param>
/// <param name="EntryPoint">The program.</param>
internal sealed record ContainerRecipe(IReadOnlyList<(string Name, string Value)> Environment, string EntryPoint)
{
    /// <summary>Reads the file.</summary>
    public static ContainerRecipe Read()
    {
        string[] lines = File.ReadAllLines(Path.Combine(RepositoryLayout.Root, "deploy", "container", "Containerfile"));
        string entry = Rests(lines, "ENTRYPOINT ").Single();
        string[] start = JsonSerializer.Deserialize<string[]>(entry)!;
        Assert.Equal(["/usr/bin/tarn", "serve"], start);
        return new([.. Rests(lines, "ENV ").Select(rest => rest.Split('=', 2)).Select(pair => (pair[0], pair[1]))], start[0]);
    }

    private static IEnumerable<string> Rests(string[] lines, string word) =>
        lines.Where(line => line.StartsWith(word, StringComparison.Ordinal)).Select(line => line[word.Length..]);
}
