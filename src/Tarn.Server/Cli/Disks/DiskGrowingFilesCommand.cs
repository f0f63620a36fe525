using System.CommandLine;
using Tarn.Server.Control.Endpoints;
using Tarn.Server.Control.Archil;

namespace Tarn.Server.Cli.Disks;

/// <summary><c>tarn disk growing-files</c>.</summary>
internal static class DiskGrowingFilesCommand
{
    public static Command Create(ControlCli cli)
    {
        Argument<string> disk = DiskCommand.Disk();
        Argument<string> growing = ControlCli.Argument("on|off", "Whether a file that has become longer counts as appended to.");
        Option<string?> org = ControlCli.Organization();
        return cli.Verb(
            "growing-files",
            "Set whether files that grow while they are read, such as logs, are sent up to the length they had when the read began.",
            [disk, growing, org],
            async (parsed, client, output, cancellationToken) =>
            {
                bool value = Read(growing.Name, parsed.GetRequiredValue(growing))!.Value;
                string id = await DiskCommand.IdAsync(client, parsed.GetRequiredValue(disk), parsed.GetValue(org), cancellationToken);
                output.Show(await client.SendAsync(
                    HttpMethod.Put,
                    ControlClient.Path("api", "disks", id, "growing-files"),
                    new DiskGrowingFiles { GrowingFiles = value },
                    ControlJson.Default.DiskGrowingFiles,
                    cancellationToken));
            });
    }

    /// <summary>The option of the commands that create a disk.</summary>
    public static Option<string?> Option() =>
        ControlCli.Text("--growing-files", "on|off", "Whether a file that has become longer counts as appended to; off by default.");

    /// <exception cref="CliException">The text is neither on nor off.</exception>
    public static bool? Read(string what, string? text) => text switch
    {
        null => null,
        "on" => true,
        "off" => false,
        _ => throw new CliException($"{what}: '{text}' is neither on nor off"),
    };
}
