using System.CommandLine;
using System.Text.Json;
using Tarn.Core.Backups;
using Tarn.Server.Backups;
using Tarn.Server.Control.Endpoints;
using Tarn.Server.Control.Tarn;

namespace Tarn.Server.Cli.Backups;

/// <summary><c>tarn backup list</c>.</summary>
internal static class BackupListCommand
{
    public static Command Create(ControlCli cli)
    {
        Argument<string> target = BackupCommand.Target("The directory of the backups; where it does not exist here, the server is asked.");
        return cli.Offline(
            "list",
            "List the backups in a directory.",
            [target],
            async (parsed, client, output, cancellationToken) =>
            {
                JsonElement list;
                if (client is null || BackupOffline.IsHere(parsed.GetRequiredValue(target)))
                {
                    await using IBackupTarget place = await BackupOffline.OpenAsync(parsed.GetRequiredValue(target), keeps: false, cancellationToken);
                    IReadOnlyList<BackupReading.Listed> listed = await BackupOffline.GuardAsync(() => BackupReading.ListAsync(place, cancellationToken));
                    list = JsonSerializer.SerializeToElement(new BackupList([.. listed.Select(BackupView.Of)]), ControlJson.Default.BackupList);
                }
                else
                {
                    list = await client.SendAsync(
                        HttpMethod.Get, ControlClient.Query("/api/backups", ("target", parsed.GetRequiredValue(target))), cancellationToken);
                }

                output.List([.. list.GetProperty("backups").EnumerateArray()], "name", "started", "kind", "state", "bytes", "blobs", "copiedBytes", "masterKey", "damaged");
            });
    }
}
