using System.CommandLine;
using System.Text.Json;
using Tarn.Server.Control.Endpoints;
using Tarn.Server.Control.Archil;

namespace Tarn.Server.Cli.Disks;

/// <summary><c>tarn disk create</c>.</summary>
internal static class DiskCreateCommand
{
    public static Command Create(ControlCli cli)
    {
        Argument<string> name = ControlCli.Argument("NAME", "The disk's name, unique in the organization.");
        Option<string?> org = ControlCli.Organization();
        Option<string[]> allowed = DiskCommand.Allowed();
        Option<string?> growing = DiskGrowingFilesCommand.Option();
        return cli.Verb(
            "create",
            "Create a disk with an empty directory of its own in the server's data directory.",
            [name, org, allowed, growing],
            async (parsed, client, output, cancellationToken) => output.Show(await CreateDiskAsync(
                client,
                new DiskBody
                {
                    Name = parsed.GetRequiredValue(name), Organization = parsed.GetValue(org), AllowedIps = parsed.GetValue(allowed) ?? [],
                    GrowingFiles = DiskGrowingFilesCommand.Read(growing.Name, parsed.GetValue(growing)),
                },
                cancellationToken)));
    }

    /// <summary>Creates a disk and returns its description.</summary>
    public static async Task<JsonElement> CreateDiskAsync(ControlClient client, DiskBody body, CancellationToken cancellationToken)
    {
        JsonElement made = await client.SendAsync(HttpMethod.Post, "/api/disks", body, ControlJson.Default.DiskBody, cancellationToken);
        return await DiskCommand.FindAsync(client, made.GetProperty("diskId").GetString()!, null, cancellationToken);
    }
}
