using System.CommandLine;
using Tarn.Backends.Files;
using Tarn.Core.Backups;
using Tarn.Core.Identity;
using Tarn.Server.Backups;
using Tarn.Server.Storage;

namespace Tarn.Server.Cli.Backups;

/// <summary><c>tarn backup restore</c>: makes a data directory of a backup, without a server.</summary>
internal static class BackupRestoreCommand
{
    public static Command Create(ControlCli cli, TimeProvider time)
    {
        Argument<string> from = ControlCli.Argument("FROM", "The directory of the backups.");
        Option<string?> name = BackupCommand.Name();
        Option<string> data = ControlCli.RequiredText("--data", "NEWDIR", "The new data directory, missing or empty.");
        Option<string?> keyFile = ControlCli.Text("--master-key-file", "FILE", "The file with the master key, which is put into the new data directory; needed if the key is not in the backup.");
        Option<bool> noKey = new("--without-master-key") { Description = "Put no master key into the new data directory: the server gets it by its own configuration." };
        Option<string?> blobsFrom = ControlCli.Text("--blobs-from", "DIR", "A data directory, or a copy of one, from which blobs are taken that the backups do not have.");
        Option<bool> allowMissing = new("--allow-missing") { Description = "Restore a backup of the metadata alone although the data of objects may be missing." };
        return cli.Offline(
            "restore",
            "Make a new data directory of a backup.",
            [from, data, name, keyFile, noKey, blobsFrom, allowMissing],
            async (parsed, _, output, cancellationToken) =>
            {
                await using IBackupTarget place = await BackupOffline.OpenAsync(parsed.GetRequiredValue(from), keeps: true, cancellationToken);
                IReadOnlyList<BackupProblem> problems = await BackupOffline.GuardAsync(async () =>
                {
                    BackupManifest manifest = await BackupReading.FindAsync(place, parsed.GetValue(name), cancellationToken);
                    ThrowIfUnreadable(manifest, parsed.GetValue(blobsFrom) is not null || parsed.GetValue(allowMissing));
                    string? key = await KeyAsync(place, manifest, parsed.GetValue(keyFile), parsed.GetValue(noKey), cancellationToken);
                    await using OfflineStore? more = parsed.GetValue(blobsFrom) is { } other ? OfflineStore.OpenBlobs(Path.GetFullPath(other)) : null;
                    FileBlobStore? blobs = more?.Blobs;
                    return await BackupOffline.ShowAsync(
                        parsed, time, progress => RestoreDirectory.RunAsync(place, manifest, parsed.GetRequiredValue(data), key, blobs, progress, cancellationToken));
                });
                BackupOffline.Report(output, problems, $"restored {parsed.GetRequiredValue(data)}");
                if (problems.Count > 0)
                {
                    int objects = problems.Count(static problem => problem.Bucket is not null), others = problems.Count - objects;
                    throw new CliException(
                        $"{parsed.GetRequiredValue(data)} was restored, but "
                        + (objects == 0 ? "" : $"data of {objects} {(objects == 1 ? "object or part" : "objects or parts")} is missing")
                        + (others == 0 ? "" : $"{(objects == 0 ? "" : ", and ")}there {(others == 1 ? "is 1 other problem" : $"are {others} other problems")}"));
                }
            });
    }

    private static void ThrowIfUnreadable(BackupManifest manifest, bool mayMiss)
    {
        if (manifest.Format > StoreFormat.Current)
        {
            throw new CliException($"the backup {manifest.Name} has format {manifest.Format}, newer than this build reads ({StoreFormat.Current})");
        }

        if (!StoreId.IsValid(manifest.StoreId))
        {
            throw new CliException($"the backup {manifest.Name} names no store");
        }

        if (manifest.MetadataOnly && !mayMiss)
        {
            throw new CliException(
                $"the backup {manifest.Name} is of the metadata alone: name where the data of objects is with --blobs-from, or accept that some is missing with --allow-missing");
        }
    }

    private static async Task<string?> KeyAsync(IBackupTarget place, BackupManifest manifest, string? keyFile, bool noKey, CancellationToken cancellationToken)
    {
        if (keyFile is not null && noKey)
        {
            throw new CliException("--master-key-file and --without-master-key exclude each other");
        }

        if (manifest.MasterKeyId is null || noKey)
        {
            return null;
        }

        if (keyFile is not null)
        {
            string text = (await File.ReadAllTextAsync(keyFile, cancellationToken)).Trim();
            return MasterKey.From(text)?.Id is { } id && id == manifest.MasterKeyId
                ? text
                : throw new CliException($"--master-key-file: this is not the master key that the stored secrets were encrypted with (theirs is {manifest.MasterKeyId})");
        }

        return manifest.HasMasterKey
            ? await RestoreDirectory.MasterKeyAsync(place, manifest, cancellationToken)
            : throw new CliException(
                $"the master key ({manifest.MasterKeyId}) is not in the backup: name its file with --master-key-file, or say --without-master-key if the server gets it otherwise");
    }
}
