using System.CommandLine;
using System.Text.Json;

namespace Tarn.Server.Cli.Disks;

/// <summary><c>tarn disk list</c>.</summary>
internal static class DiskListCommand
{
    public static Command Create(ControlCli cli)
    {
        Option<string?> org = ControlCli.Organization();
        return cli.Verb(
            "list",
            "List the disks of an organization.",
            [org],
            async (parsed, client, output, cancellationToken) =>
                output.List(await AllAsync(client, parsed.GetValue(org), cancellationToken), "id", "name", "organization", "createdAt", "allowedIps"));
    }

    private static async Task<List<JsonElement>> AllAsync(ControlClient client, string? organization, CancellationToken cancellationToken)
    {
        var disks = new List<JsonElement>();
        while (true)
        {
            string? cursor = disks.Count == 0 ? null : disks[^1].GetProperty("id").GetString();
            JsonElement page = await client.SendAsync(
                HttpMethod.Get, ControlClient.Query("/api/disks", ("organization", organization), ("cursor", cursor)), cancellationToken);
            if (page.GetArrayLength() == 0)
            {
                return disks;
            }

            disks.AddRange(page.EnumerateArray());
        }
    }
}
