using System.Globalization;
using Tarn.Backends.RocksDb.Interop;
using Tarn.Core.KeyValue;

namespace Tarn.Backends.RocksDb.Recovery;

/// <summary>
/// Decides, before RocksDB may write to a database, whether opening it would lose anything that was acknowledged. RocksDB keeps
/// what is before the first damage of its logs, and forgets the rest without a word.
/// </summary>
/// <remarks>
/// RocksDB itself says how far it would get, by opening the database for reading only; what is there to be kept is what was recorded as
/// synced (<see cref="SyncedPosition"/>), and every whole batch of the logs: one committer begins a batch when the one before it is on the device, so
/// damage that has one behind it is damage to synced data. A torn last batch is neither. Logs that RocksDB does not need any more are
/// passed over: what they held is in tables, but for a commit that a full device refused, which may be in one whole.
/// </remarks>
internal static class RecoveryCheck
{
    /// <summary>Throws unless the database can be opened; true when there is one.</summary>
    /// <param name="directory">Where it is, or is to be made.</param>
    /// <param name="options">How it is opened.</param>
    /// <param name="look">Opens it for reading only, and says what RocksDB would make of it.</param>
    /// <exception cref="StoreDamagedException">Something would be lost that nobody agreed to lose.</exception>
    public static bool Run(string directory, RocksDbOptions options, Func<RecoveryOutlook> look)
    {
        if (!RocksDbFiles.HasDatabase(directory))
        {
            return RocksDbFiles.FindRemnant(directory) is not { } remnant
                ? false
                : throw new StoreDamagedException(
                    $"the metadata store {directory} has no file CURRENT, without which RocksDB would make an empty store in place of what is there, "
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
                    $"The log {damaged.Path} ends in a write that was cut off, at byte {damaged.DamagedAt}. It had not been answered, and was left out.");
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

            options.Notice?.Invoke($"Lost from the metadata, since commits were not synced (relaxed durability): {lost}.");
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
            ? where + "; whole writes are behind it"
            : string.Create(CultureInfo.InvariantCulture, $"{where}; everything up to number {synced?.Change} had been synced");
    }

    private static StoreDamagedException Refuse(string directory, string lost, ulong kept) => new(
        $"the metadata store {directory} is damaged, and opening it would lose acknowledged writes: {lost}. Nothing was changed. {WhatToDo} "
        + string.Create(CultureInfo.InvariantCulture, $"To start without these changes: --accept-log-loss {kept}"));
}

/// <summary>What RocksDB would make of a database.</summary>
/// <param name="LastChange">The number of the last change that it would keep.</param>
/// <param name="FirstLog">The number of the first log that it needs: what earlier ones held is in tables.</param>
internal readonly record struct RecoveryOutlook(ulong LastChange, ulong FirstLog);
