using System.Text.Json.Nodes;
using Tarn.TestKit.Servers;

namespace Tarn.Tests.Control;

/// <summary>The console's client is generated from the OpenAPI document as it was committed: it must be the server's.</summary>
public sealed class ConsoleDocumentTests
{
    private const string Remedy = "Start a server and run in console/: npm run generate -- http://127.0.0.1:9001";

    [Fact]
    public async Task The_document_of_the_console_is_the_servers()
    {
        await using ControlServer server = await ControlServer.StartAsync();
        using var http = new HttpClient();
        JsonNode served = JsonNode.Parse(await http.GetStringAsync(new Uri(server.Url + "/openapi/v1.json"), TestContext.Current.CancellationToken))!;
        JsonNode kept = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(RepositoryLayout.Root, "console", "openapi.json"), TestContext.Current.CancellationToken))!;
        string[] differences = [.. Differences("", served, kept)];
        Assert.True(differences.Length == 0, $"{Remedy}\n{string.Join('\n', differences.Take(20))}");
        Assert.NotEmpty(Differences("", served["paths"], new JsonObject()));
    }

    /// <summary>Where two documents differ; the order of an object's members is of no account.</summary>
    private static IEnumerable<string> Differences(string path, JsonNode? served, JsonNode? kept)
    {
        if (served is JsonObject one && kept is JsonObject other)
        {
            return one.Select(static member => member.Key).Union(other.Select(static member => member.Key))
                .SelectMany(name => Differences($"{path}/{name}", one.TryGetPropertyValue(name, out JsonNode? a) ? a : "none", other.TryGetPropertyValue(name, out JsonNode? b) ? b : "none"));
        }

        return JsonNode.DeepEquals(served, kept) ? [] : [$"{path}: {Short(kept)} is {Short(served)}"];
    }

    private static string Short(JsonNode? node) => node?.ToJsonString() is { } text ? text.Length > 200 ? text[..200] + "…" : text : "null";
}
