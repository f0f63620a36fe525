using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Tarn.Backends.RocksDb.Interop;
using Tarn.Backends.RocksDb.Recovery;
using Tarn.Core.KeyValue;

namespace Tarn.Backends.RocksDb;

/// <summary>
/// Verifies every file of an open database: tables and blob files by the checksums in the manifest, logs and the manifest by those of their records. Files of builds that
/// recorded no checksums are verified by reading all rows, which have checksums of their own.
/// </summary>
/// <param name="database">The open database.</param>
/// <param name="reads">Reads it.</param>
/// <param name="directory">Its directory.</param>
/// <param name="isWritten">Whether it is open for writing: then no file may end in an incomplete record for long.</param>
internal sealed class RocksDbVerifier(DatabaseHandle database, RocksDbReads reads, string directory, bool isWritten)
{
    private const int RowsPerScan = 1000;

    private readonly List<StoreDamage> _damage = [];

    /// <summary>The names of tables that are not read.</summary>
    public IReadOnlySet<string>? Without { get; init; }

    private int _files;
    private long _bytes;
    private long _total;

    public async ValueTask<StoreVerification> RunAsync(Func<VerificationProgress, CancellationToken, ValueTask>? progress, CancellationToken cancellationToken)
    {
        List<LiveFile> files = LiveFile.All(database);
        files.RemoveAll(file => Without?.Contains(file.Name) == true);
        _total = files.Sum(static file => file.Bytes);
        ValueTask ReadAsync(string name, int bytes)
        {
            _bytes += bytes;
            return progress is null ? default : progress(new VerificationProgress(name, _bytes, _total), cancellationToken);
        }

        bool needsRows = false;
        foreach (LiveFile file in files)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (file.Kind is LiveFileKind.Table or LiveFileKind.Blobs)
            {
                await VerifyAsync(file, bytes => ReadAsync(file.Name, bytes), cancellationToken);
                needsRows |= file.Crc32C is null;
            }
            else if (file.Kind == LiveFileKind.Current)
            {
                VerifyCurrent(file);
                await ReadAsync(file.Name, (int)file.Bytes);
            }
        }

        await VerifyLogsAsync(ReadAsync, cancellationToken);
        if (needsRows)
        {
            await VerifyRowsAsync(ReadAsync, cancellationToken);
        }

        return new StoreVerification(_files, _bytes, _damage);
    }

    private async ValueTask VerifyAsync(LiveFile file, Func<int, ValueTask> read, CancellationToken cancellationToken)
    {
        SafeFileHandle opened;
        try
        {
            opened = File.OpenHandle(Path.Combine(directory, file.Name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (FileNotFoundException)
        {
            if (IsLive(file))
            {
                Add(file.Name, StoreDamageKind.Missing, $"it is missing");
            }

            return;
        }

        using (opened)
        {
            (uint crc, long bytes) = await FileChecksum.ReadAsync(opened, read, cancellationToken);
            _files++;
            if (bytes != file.Bytes)
            {
                Add(file.Name, StoreDamageKind.Length, $"it has {bytes} bytes instead of {file.Bytes}");
            }
            else if (file.Crc32C is { } expected && crc != expected)
            {
                Add(file.Name, StoreDamageKind.Checksum, $"its CRC-32C is {crc:x8} instead of {expected:x8}");
            }
        }
    }

    // A compaction may have replaced it since the files were listed.
    private bool IsLive(LiveFile file) => LiveFile.All(database).Exists(live => live.Name == file.Name);

    private void VerifyCurrent(LiveFile file)
    {
        string path = Path.Combine(directory, file.Name);
        _files++;
        if (!File.Exists(path))
        {
            Add(file.Name, StoreDamageKind.Missing, $"it is missing");
        }
        else if (file.Content.Length > 0 && !File.ReadAllBytes(path).AsSpan().SequenceEqual(file.Content) && IsLive(file))
        {
            Add(file.Name, StoreDamageKind.Content, $"it does not name the manifest");
        }
    }

    // The logs before the manifest: what a log no longer holds when it is reached is in tables that the manifest names then.
    private async ValueTask VerifyLogsAsync(Func<string, int, ValueTask> read, CancellationToken cancellationToken)
    {
        ulong needed = RocksDbNative.LastChange(database);

        // Asked before the manifest is read: one that a flush then writes would have no say in what the older logs need not hold.
        ulong first = FirstLog();
        List<LogScan> logs = [];
        foreach ((string path, ulong number) in RocksDbFiles.Logs(directory).OrderBy(static log => log.Number).ToList())
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                LogScan scan = LogScan.Of(path, number);
                logs.Add(scan);
                await read(Path.GetFileName(path), checked((int)scan.Bytes));
            }
            catch (FileNotFoundException)
            {
                // Its content is in tables; if not, changes are missing, which is found below.
            }
        }

        int before = _damage.Count;
        ManifestScan? manifest = await VerifyManifestAsync(read);
        if (_damage.Count > before)
        {
            // What is in tables is not known then.
            return;
        }

        ulong have = manifest?.LastTableChange ?? 0;
        string precedes = Path.GetFileName(manifest?.Path) ?? "";
        foreach (LogScan log in logs.Where(log => log.Number >= first))
        {
            string name = Path.GetFileName(log.Path);
            _files++;
            if (log.DamagedAt is { } at && (log.RecordsBehind > 0 || log != logs[^1]))
            {
                Add(name, StoreDamageKind.Checksum, $"it is damaged at byte {at}");
            }
            else if (log.FirstChange > have + 1)
            {
                Add(precedes, StoreDamageKind.Content, $"the changes {have + 1} to {log.FirstChange - 1} are neither in it nor in a log before {name}");
            }

            have = Math.Max(have, log.DamagedAt is null ? log.LastChange : log.LastChangeBeforeDamage);
            precedes = name;
        }

        if (have < needed && _damage.Count == before)
        {
            Add(LastLog(logs, first), StoreDamageKind.Content, $"the changes {have + 1} to {needed} are in no log and no table");
        }
    }

    // When no log is left, the one that was begun when the store was opened is the last whose name is known.
    private string LastLog(List<LogScan> logs, ulong first) => logs is [.., var last] && last.Number >= first
        ? Path.GetFileName(last.Path)
        : string.Create(CultureInfo.InvariantCulture, $"{Math.Max(first, SyncedPosition.Find(directory)?.FirstLog ?? 0):d6}.log");

    private async ValueTask<ManifestScan?> VerifyManifestAsync(Func<string, int, ValueTask> read)
    {
        string? name = null;
        try
        {
            while (true)
            {
                LiveFile file = LiveFile.All(database).First(static file => file.Kind == LiveFileKind.Manifest);
                name = file.Name;
                string path = Path.Combine(directory, name);
                ManifestScan scan = ManifestScan.Of(path);

                // It may have been read while RocksDB appended to it.
                if (scan.DamagedAt is null || (scan.RecordsBehind == 0 && !isWritten) || new FileInfo(path).Length == scan.Bytes)
                {
                    _files++;
                    await read(name, checked((int)scan.Bytes));
                    if (scan.DamagedAt is { } at && (scan.RecordsBehind > 0 || isWritten))
                    {
                        Add(name, StoreDamageKind.Checksum, $"it is damaged at byte {at}");
                    }
                    else if (scan.Bytes < file.Bytes)
                    {
                        Add(name, StoreDamageKind.Length, $"it has {scan.Bytes} bytes instead of {file.Bytes} or more");
                    }

                    return scan;
                }
            }
        }
        catch (FileNotFoundException)
        {
            Add(name ?? "MANIFEST", StoreDamageKind.Missing, $"it is missing");
            return null;
        }
    }

    private ulong FirstLog() => RocksDbNative.GetNumber(database, "rocksdb.min-log-number-to-keep", out ulong number) == 0 ? number : 0;

    private async ValueTask VerifyRowsAsync(Func<string, int, ValueTask> read, CancellationToken cancellationToken)
    {
        byte[] from = [];
        byte[] to = [.. Enumerable.Repeat(byte.MaxValue, 64)];
        try
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                List<KeyValueEntry> rows = reads.Scan(snapshot: 0, from, to, RowsPerScan, reverse: false, keepsCache: true);
                if (rows.Count == 0)
                {
                    return;
                }

                long bytes = rows.Sum(static row => (long)row.Key.Length + row.Value.Length);
                _total += bytes;
                await read("rows", checked((int)bytes));
                from = [.. rows[^1].Key, 0];
            }
        }
        catch (StoreDamagedException e)
        {
            // A scan cannot go on behind damage.
            Add($"rows from {KeyText.Of(from)} on", StoreDamageKind.Checksum, $"{e.Message}");
        }
    }

    private void Add(string file, StoreDamageKind kind, FormattableString detail) => _damage.Add(new StoreDamage(file, kind, detail.ToString(CultureInfo.InvariantCulture)));
}
