using System.CommandLine;
using System.Text.Json;
using Tarn.Server.Control.Endpoints;
using Tarn.Server.Control.Tarn;

namespace Tarn.Server.Cli.Backups;

/// <summary><c>tarn backup create</c>.</summary>
internal static class BackupCreateCommand
{
    public static Command Create(ControlCli cli, TimeProvider time)
    {
        Argument<string> target = BackupCommand.Target("The directory, below the server's backup root; absolute, or relative to it.");
        Option<bool> metadataOnly = new("--metadata-only") { Description = "Copy the metadata only: cheap enough for every hour. Object data that is in blobs is not in it." };
        Option<bool> withoutDisks = new("--without-disks") { Description = "Leave out the files of made disks, which are backed up otherwise." };
        Option<bool> masterKey = new("--include-master-key") { Description = "Put the master key into the backup: whoever has the backup can then decrypt the stored secrets." };
        Option<bool> sameDevice = new("--same-device") { Description = "Link files instead of copying them where the directory is on the device of the data: damage to one is then damage to both." };
        Option<bool> detach = new("--detach") { Description = "Begin the backup and do not wait for it." };
        return cli.Verb(
            "create",
            "Copy the server's data while it runs; what an earlier backup in the directory has is not copied again.",
            [target, metadataOnly, withoutDisks, masterKey, sameDevice, detach],
            async (parsed, client, output, cancellationToken) =>
            {
                var body = new BackupBody
                {
                    Target = parsed.GetRequiredValue(target),
                    MetadataOnly = parsed.GetValue(metadataOnly),
                    WithoutDisks = parsed.GetValue(withoutDisks),
                    IncludeMasterKey = parsed.GetValue(masterKey),
                    SameDevice = parsed.GetValue(sameDevice),
                };
                JsonElement job = await client.SendAsync(HttpMethod.Post, "/api/backups", body, ControlJson.Default.BackupBody, cancellationToken);
                await BackupWait.RunAsync(parsed, client, output, job, parsed.GetValue(detach), time, cancellationToken);
            });
    }
}
