using System.Globalization;
using Tarn.Backends.RocksDb.Interop;
using Tarn.Core.KeyValue;

namespace Tarn.Backends.RocksDb.Recovery;

/// <summary>
/// Decides, before RocksDB may write to a database, whether opening it would lose acknowledged changes. RocksDB keeps
/// what precedes the first damage in its logs, and silently drops the rest.
/// </summary>
/// <remarks>
/// Opening the database read-only shows how far RocksDB would get. What must be kept is everything recorded as synced
/// (<see cref="SyncedPosition"/>) and every complete batch of the logs: the committer begins a batch once the previous one is on the device, so
/// damage with a batch after it is damage to synced data. A torn last batch is neither. Logs that RocksDB no longer needs are
/// skipped: what they held is in tables, except for a commit that a full device refused, which may be complete in a log.
/// </remarks>
internal static class RecoveryCheck
{
    /// <summary>Throws if the database cannot be opened without loss; returns whether there is one.</summary>
    /// <param name="directory">The database's directory.</param>
    /// <param name="options">The options to open it with.</param>
    /// <param name="look">Opens it read-only, and returns what RocksDB would recover.</param>
    /// <exception cref="StoreDamagedException">Files are damaged or missing, or acknowledged changes would be lost and the options do not accept that.</exception>
    public static bool Run(string directory, RocksDbOptions options, Func<RecoveryOutlook> look)
    {
        if (!RocksDbFiles.HasDatabase(directory))
        {
            return RocksDbFiles.FindRemnant(directory) is not { } remnant
                ? false
                : throw new StoreDamagedException(
                    $"the metadata store {directory} has no file CURRENT, without which RocksDB would create an empty store in place of the existing files, "
                    + $"such as {Path.GetFileName(remnant)}. Nothing was changed. {WhatToDo}");
        }

        SyncedPosition? synced = SyncedPosition.Find(directory);
        RecoveryOutlook outlook = look();
        ThrowIfIncomplete(directory, outlook.Files);
        List<LogScan> logs = LogScan.All(directory, Math.Max(outlook.FirstLog, synced?.FirstLog ?? 0));
        ManifestScan manifest = ManifestScan.Of(Path.Combine(directory, outlook.Files.First(static file => file.Kind == LiveFileKind.Manifest).Name));
        if (FindLoss(logs, outlook.LastChange, manifest, synced) is not { } loss)
        {
            string[] ends =
            [
                .. logs.Prepend<RecordScan>(manifest).Where(static scan => scan.DamagedAt is not null)
                    .Select(static scan => string.Create(CultureInfo.InvariantCulture, $"{scan.Path} ends in an incomplete write at byte {scan.DamagedAt}")),
            ];
            if (ends.Length > 0)
            {
                options.Notice?.Invoke($"{string.Join("; ", ends)}. It had not been acknowledged, and was left out.");
            }

            return true;
        }

        string lost = string.Create(
            CultureInfo.InvariantCulture,
            $"{loss.Last - loss.Kept} changes of rows, from number {loss.Kept + 1} to {loss.Last} ({loss.Evidence})");
        if (options.AcceptLossAfter == loss.Kept)
        {
            options.Notice?.Invoke($"Lost from the metadata, as accepted: {lost}.");
        }
        else if ((synced?.IsRelaxed ?? !options.SyncWrites) && outlook.LastChange >= (synced?.Change ?? 0))
        {
            options.Notice?.Invoke($"Lost from the metadata, because commits were not synced (relaxed durability): {lost}.");
        }
        else
        {
            throw new StoreDamagedException(
                $"the metadata store {directory} is damaged, and opening it would lose acknowledged writes: {lost}. Nothing was changed. {WhatToDo} "
                + string.Create(CultureInfo.InvariantCulture, $"To start without these changes: --accept-log-loss {loss.Kept}"));
        }

        return true;
    }

    private const string WhatToDo =
        "Copy the data directory before anything else, and restore a backup if there is one; docs/operations/recovery.md says what else can be done.";

    // RocksDB verifies this for tables, and for blob files only when it reads them.
    private static void ThrowIfIncomplete(string directory, IReadOnlyList<LiveFile> files)
    {
        foreach (LiveFile file in files.Where(static file => file.Kind is LiveFileKind.Table or LiveFileKind.Blobs))
        {
            // A backup is verified by links to its files.
            string path = Path.Combine(directory, file.Name);
            var found = new FileInfo(File.Exists(path) ? File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path : path);
            if (!found.Exists || found.Length != file.Bytes)
            {
                string what = found.Exists
                    ? string.Create(CultureInfo.InvariantCulture, $"has {found.Length} bytes instead of {file.Bytes}")
                    : "is missing";
                throw new StoreDamagedException($"the metadata store {directory} is damaged and was not opened: {file.Name} {what}. Nothing was changed. {WhatToDo}");
            }
        }
    }

    private static Loss? FindLoss(List<LogScan> logs, ulong kept, ManifestScan manifest, SyncedPosition? synced)
    {
        // RocksDB does not notice that a log is missing of which later ones are there, nor that a manifest is an older one.
        ulong? before = manifest.LastTableChange;
        foreach (LogScan log in logs.Where(static log => log.LastChange > 0))
        {
            if (log.FirstChange > before + 1)
            {
                return new Loss(before ?? 0, log.FirstChange - 1, $"what precedes {Path.GetFileName(log.Path)} is missing: a log, or the newest part of {Path.GetFileName(manifest.Path)}");
            }

            before = Math.Max(before ?? 0, log.LastChange);
        }

        ulong last = logs.Aggregate(0UL, static (last, log) => Math.Max(last, log.LastChange));
        ulong there = Math.Max(last, synced?.Change ?? 0);
        if (kept >= there)
        {
            return null;
        }

        LogScan? damaged = logs.Find(static log => log.DamagedAt is not null);
        string where = damaged is null
            ? "the end of the log is missing, or a table of what was flushed from it"
            : string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(damaged.Path)} is damaged at byte {damaged.DamagedAt}");
        return new Loss(kept, there, last > kept
            ? where + "; complete writes follow it"
            : string.Create(CultureInfo.InvariantCulture, $"{where}; everything up to number {synced?.Change} had been synced"));
    }

    private readonly record struct Loss(ulong Kept, ulong Last, string Evidence);
}

/// <summary>What RocksDB would recover of a database.</summary>
/// <param name="LastChange">The number of the last change that it would keep.</param>
/// <param name="FirstLog">The number of the first log that it needs; the contents of earlier ones are in tables.</param>
/// <param name="Files">The files that it consists of, without logs.</param>
internal readonly record struct RecoveryOutlook(ulong LastChange, ulong FirstLog, IReadOnlyList<LiveFile> Files);
