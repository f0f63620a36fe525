using System.CommandLine;
using System.Text.Json;

namespace Tarn.Server.Cli.Disks;

/// <summary><c>tarn disk put</c>.</summary>
internal static class DiskPutCommand
{
    public static Command Create(ControlCli cli)
    {
        Argument<string> local = ControlCli.Argument("LOCAL", "The file to send.");
        Argument<string> target = ControlCli.Argument("DISK:/PATH", "Where it goes; a path that ends with a slash is the directory.");
        Option<bool> replace = Replace();
        Option<string?> org = ControlCli.Organization();
        return cli.Verb(
            "put",
            "Write a file to a disk. A large one that was interrupted goes on where it was when the command is run again.",
            [local, target, replace, org],
            async (parsed, client, output, cancellationToken) =>
            {
                string path = parsed.GetRequiredValue(local);
                DiskPlace place = DiskPlace.Parse(parsed.GetRequiredValue(target));
                string to = place.Path.EndsWith('/') ? place.Path + Path.GetFileName(path) : place.Path;
                string id = await DiskCommand.IdAsync(client, place.Disk, parsed.GetValue(org), cancellationToken);
                using FileStream file = Open(path);
                using var line = TerminalLine.Of(parsed);
                var upload = new DiskFileUpload(client, id, to, parsed.GetValue(replace), line);
                JsonElement written = await upload.SendAsync(file, cancellationToken);
                line.Clear();
                output.Show(written);
            });
    }

    /// <summary>The option of the commands that may replace a file.</summary>
    public static Option<bool> Replace() => new("--replace") { Description = "Replace what is there." };

    private static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"cannot read {path}: {e.Message}", e);
        }
    }
}
