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
    /// <exception cref="StoreDamagedException">Acknowledged changes would be lost, and the options do not accept that.</exception>
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
        (ulong kept, ulong firstLog) = look();
        List<LogScan> logs = LogScan.All(directory, Math.Max(firstLog, synced?.FirstLog ?? 0));
        ulong whole = logs.Aggregate(0UL, static (last, log) => Math.Max(last, log.LastChange));
        ulong there = Math.Max(whole, synced?.Change ?? 0);
        LogScan? damaged = logs.Find(static log => log.DamagedAt is not null);
        if (kept >= there)
        {
            if (damaged is not null)
            {
                options.Notice?.Invoke(
                    $"The log {damaged.Path} ends in an incomplete write at byte {damaged.DamagedAt}. It had not been acknowledged, and was left out.");
            }

            return true;
        }

        string lost = string.Create(
            CultureInfo.InvariantCulture,
            $"{there - kept} changes of rows, from number {kept + 1} to {there} ({Evidence(damaged, whole, kept, synced)})");
        if (options.AcceptLossAfter == kept)
        {
            options.Notice?.Invoke($"Lost from the metadata, as accepted: {lost}.");
        }
        else if (synced?.IsRelaxed ?? !options.SyncWrites)
        {
            if (kept < (synced?.Change ?? 0))
            {
                throw Refuse(directory, lost, kept);
            }

            options.Notice?.Invoke($"Lost from the metadata, because commits were not synced (relaxed durability): {lost}.");
        }
        else
        {
            throw Refuse(directory, lost, kept);
        }

        return true;
    }

    private const string WhatToDo =
        "Copy the data directory before anything else, and restore a backup if there is one; docs/operations/recovery.md says what else can be done.";

    private static string Evidence(LogScan? damaged, ulong whole, ulong kept, SyncedPosition? synced)
    {
        string where = damaged is null
            ? "the end of the log is missing, or a table of what was flushed from it"
            : string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(damaged.Path)} is damaged at byte {damaged.DamagedAt}");
        return whole > kept
            ? where + "; complete writes follow it"
            : string.Create(CultureInfo.InvariantCulture, $"{where}; everything up to number {synced?.Change} had been synced");
    }

    private static StoreDamagedException Refuse(string directory, string lost, ulong kept) => new(
        $"the metadata store {directory} is damaged, and opening it would lose acknowledged writes: {lost}. Nothing was changed. {WhatToDo} "
        + string.Create(CultureInfo.InvariantCulture, $"To start without these changes: --accept-log-loss {kept}"));
}

/// <summary>What RocksDB would recover of a database.</summary>
/// <param name="LastChange">The number of the last change that it would keep.</param>
/// <param name="FirstLog">The number of the first log that it needs; the contents of earlier ones are in tables.</param>
internal readonly record struct RecoveryOutlook(ulong LastChange, ulong FirstLog);
